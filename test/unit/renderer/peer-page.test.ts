import { describe, expect, test } from "vitest";
import type { GonePeer } from "../../../core/model/peer-face.ts";
import { STANDING } from "../../../core/model/peer-history.ts";
import { KEEP_ALIVE, MESSAGE } from "../../../core/model/wire-message.ts";
import { cellAt, cellPlace, countShares, shareGeometry, sharesOf } from "../../../renderer/canvas/share-map.ts";
import { niceCeiling, timeAt, timelineGeometry, timeStep, xOf } from "../../../renderer/canvas/timeline.ts";
import { handshakeTree } from "../../../renderer/format/handshake-tree.ts";
import { bandSentence, momentAt, shownBands, stretchesOf } from "../../../renderer/format/peer-bands.ts";
import { visitsOf } from "../../../renderer/format/peer-visits.ts";
import { reservedBits } from "../../../renderer/format/reserved-bits.ts";
import { panned, timeView, WHOLE_LIFE, zoomed } from "../../../renderer/format/time-lens.ts";
import { messageDetail, NO_FILTER, wireJson, wireLines } from "../../../renderer/format/wire-lines.ts";
import type { LifeHistory, LoggedMessage } from "../../../renderer/store/peer-life.ts";

const { open, weChoke, peerChokes, snubbed } = STANDING;

const HISTORY: LifeHistory = {
  begun: 1000,
  until: 61_000,
  changes: [
    ...[1000, weChoke | peerChokes],
    ...[11_000, open | weChoke | peerChokes],
    ...[21_000, open | weChoke],
    ...[31_000, open | weChoke | peerChokes],
    ...[41_000, open | peerChokes],
  ],
  samples: [21_000, 0, 0, 0, 0, -1, 31_000, 5000, 10, 7, 2, 120, 61_000, 0, 0, 0, 0, 120],
};

describe("a life's bands", () => {
  test("hold while the connection is open, from change to change", () => {
    expect(stretchesOf(HISTORY, "peerChokes", 61_000)).toEqual([
      { from: 11_000, to: 21_000 },
      { from: 31_000, to: 61_000 },
    ]);
    expect(stretchesOf(HISTORY, "weChoke", 61_000)).toEqual([{ from: 11_000, to: 41_000 }]);
    expect(stretchesOf(HISTORY, "snubbed", 61_000)).toEqual([]);
  });

  test("are four, and those that ever held", () => {
    expect(shownBands(HISTORY)).toHaveLength(4);
    const changes = [...HISTORY.changes, 50_000, open | snubbed];
    expect(shownBands({ ...HISTORY, changes }).at(-1)).toBe("snubbed");
  });

  test("are said in words", () => {
    expect(bandSentence(HISTORY, "snubbed", 61_000, true)).toBe("Snubbed: never.");
    const words = bandSentence(HISTORY, "peerChokes", 61_000, true);
    expect(words).toMatch(/^It chokes us: 66\.6% of the time, in 2 stretches, and now: .* – .*, .* – now\.$/);
    expect(bandSentence(HISTORY, "peerChokes", 61_000, false)).not.toMatch(/now/);
  });

  test("tell all of a moment", () => {
    const moment = momentAt(HISTORY, 25_000);
    expect(moment).toMatchObject({ isOpen: true, down: 5000, up: 10, outstanding: 7, waiting: 2, roundTrip: 120 });
    expect([...moment.holds]).toEqual(["weChoke"]);
    expect(momentAt(HISTORY, 15_000)).toMatchObject({ down: 0, roundTrip: undefined });
  });
});

describe("the time in sight", () => {
  const life = { begun: 0, until: 100_000 };

  test("is the whole life until it is zoomed, and stays at the present without a point", () => {
    expect(timeView(WHOLE_LIFE, life)).toEqual({ from: 0, to: 100_000 });
    const near = zoomed(WHOLE_LIFE, life, 0.5);
    expect(timeView(near, life)).toEqual({ from: 50_000, to: 100_000 });
    expect(timeView(near, { ...life, until: 110_000 })).toEqual({ from: 60_000, to: 110_000 });
    expect(zoomed(near, life, 4)).toEqual(WHOLE_LIFE);
  });

  test("keeps the moment under the pointer where it is, and never ends after now", () => {
    const lens = zoomed(WHOLE_LIFE, life, 0.25, 20_000);
    expect(timeView(lens, life)).toEqual({ from: 15_000, to: 40_000 });
    expect(timeView(panned(lens, life, -90_000), life)).toEqual({ from: 0, to: 25_000 });
    const pushed = panned(lens, life, 90_000);
    expect(timeView(pushed, life)).toEqual({ from: 75_000, to: 100_000 });
    expect(pushed.end).toBeUndefined();
  });

  test("has each moment at one place, and round times", () => {
    const geometry = timelineGeometry(1000, 400, ["weChoke"]);
    const view = { from: 5000, to: 65_000 };
    for (const at of [5000, 20_000, 65_000]) expect(timeAt(geometry, view, xOf(geometry, view, at))).toBeCloseTo(at);
    expect(timeStep(geometry, view)).toBe(10_000);
    expect([0, 5, 17, 900_000, 1_000_000].map((value) => niceCeiling(value, 10))).toEqual([
      4, 5, 20, 1_000_000, 1_000_000,
    ]);
    expect(niceCeiling(1_200_000, 1024)).toBe(1.5 * 1024 * 1024);
    expect(niceCeiling(900 * 1024, 1024)).toBe(1000 * 1024);
  });
});

describe("pieces against ours", () => {
  test("are both's, only its, only ours or nobody's", () => {
    // 3: verified.
    const shares = sharesOf(Uint8Array.of(3, 3, 0, 1), Uint8Array.of(0b1010_0000));
    expect([...shares]).toEqual([3, 1, 2, 0]);
    expect(countShares(shares)).toEqual({ both: 1, onlyWe: 1, onlyIt: 1, neither: 1 });
    expect([...sharesOf(Uint8Array.of(3, 0), undefined)]).toEqual([1, 0]);
  });

  test.each([1, 24, 5000, 100_000])("fit their space, and each of %i pieces is where it is pointed at", (pieces) => {
    const geometry = shareGeometry(900, 200, pieces);
    expect(geometry.height).toBeLessThanOrEqual(200);
    expect(geometry.cells * geometry.perCell).toBeGreaterThanOrEqual(pieces);
    for (const cell of [0, geometry.cells >> 1, geometry.cells - 1]) {
      const { x, y } = cellPlace(geometry, cell);
      expect(cellAt(geometry, x + 1, y + 1)).toBe(cell);
    }
    expect(cellAt(geometry, 899.5, 10_000)).toBeUndefined();
  });
});

const message = (number: number, id: number, a = -1, b = -1, c = -1): LoggedMessage => ({
  ...{ number, at: number, id, a, b, c },
  way: number % 2 === 0 ? "in" : "out",
});
const LOG = [
  message(0, MESSAGE.bitfield, 12),
  message(1, MESSAGE.interested),
  message(2, MESSAGE.have, 17),
  message(7, MESSAGE.request, 17, 16_384, 16_384),
  message(8, MESSAGE.extended, 1, 90, 0),
  message(9, KEEP_ALIVE),
];

describe("the wire log", () => {
  const shown = (filter: object) =>
    wireLines(LOG, { ...NO_FILTER, ...filter }).map((line) =>
      line.kind === "gap" ? -line.missing : line.message.number,
    );

  test("tells what is missing between two numbers, and keeps what fits", () => {
    expect(shown({})).toEqual([0, 1, 2, -4, 7, 8, 9]);
    expect(shown({ way: "in" })).toEqual([0, 2, -4, 8]);
    expect(shown({ kind: "requests" })).toEqual([-4, 7]);
    expect(shown({ text: "have 17" })).toEqual([2, -4]);
    expect(shown({ text: "17" })).toEqual([2, -4, 7]);
    expect(shown({ text: "1" })).toEqual([-4]);
    expect(shown({ text: "UT_PEX" })).toEqual([-4, 8]);
  });

  test("says what each message says", () => {
    expect(LOG.map(messageDetail)).toEqual([
      "12 pieces",
      "",
      "piece 17",
      "piece 17, 16,384 bytes from 16,384",
      "ut_pex, 90 bytes",
      "",
    ]);
  });

  test("is exported with its numbers by their names", () => {
    const lines = wireJson(wireLines(LOG, NO_FILTER))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ number: 0, at: 0, way: "in", message: "bitfield", id: 5, set: 12 });
    expect(lines[3]).toEqual({ missing: 4 });
    expect(lines[4]).toMatchObject({ message: "request", piece: 17, begin: 16_384, length: 16_384 });
    expect(lines[5]).toMatchObject({ message: "extended", extension: "ut_pex", length: 90 });
    expect(lines[6]).toEqual({ number: 9, at: 9, way: "out", message: "keep-alive" });
  });
});

test("reserved bits are named one by one, the unknown ones too", () => {
  const bits = reservedBits(Uint8Array.of(0, 0x20, 0, 0, 0, 0x10, 0, 0x05));
  expect(bits).toHaveLength(64);
  expect(bits.filter(({ isSet }) => isSet).map(({ byte, mask, name }) => [byte, mask, name])).toEqual([
    [1, "0x20", ""],
    [5, "0x10", "extension protocol (BEP 10)"],
    [7, "0x04", "fast extension (BEP 6)"],
    [7, "0x01", "DHT (BEP 5)"],
  ]);
});

test("an extension handshake is read as a tree, whatever its strings contain", () => {
  expect(handshakeTree('{m: {ut_pex: 1, x: 2}, v: "a, {b}: \\"c\\"", yourip: <7f000001>}')).toEqual([
    { depth: 0, key: "m", value: "" },
    { depth: 1, key: "ut_pex", value: "1" },
    { depth: 1, key: "x", value: "2" },
    { depth: 0, key: "v", value: '"a, {b}: \\"c\\""' },
    { depth: 0, key: "yourip", value: "<7f000001>" },
  ]);
  expect(handshakeTree("7")).toEqual([{ depth: 0, key: "", value: "7" }]);
});

test("earlier visits are those from the same address, or with the same peer id, the newest first", () => {
  const peerId = new Uint8Array(20).fill(7);
  const gone = (peer: number, host: string, port: number, id?: Uint8Array) =>
    ({ peer, host, port, ...(id && { peerId: id }) }) as GonePeer;
  const here = { id: 9, host: "192.0.2.1", port: 6881, peerId };
  const all = [
    gone(1, "192.0.2.1", 6881),
    gone(2, "192.0.2.1", 7000),
    gone(3, "198.51.100.4", 1234, peerId.slice()),
    gone(4, "198.51.100.4", 1234, new Uint8Array(20)),
    gone(9, "192.0.2.1", 6881, peerId),
  ];
  expect(visitsOf(here, all).map(({ peer }) => peer)).toEqual([3, 1]);
  const { peerId: _, ...unnamed } = here;
  expect(visitsOf(unnamed, all).map(({ peer }) => peer)).toEqual([1]);
});
