import { describe, expect, it } from "vitest";
import type { GonePeer, KnownPeerView, PeerView } from "../../../core/contract/views.ts";
import { relevanceOf } from "../../../renderer/format/peer-cells.ts";
import { parsePeerFilter } from "../../../renderer/format/peer-filter.ts";
import { anyPeer, type PeersLook, peerOfKey, peerRowsMaker } from "../../../renderer/store/peer-rows.ts";
import { RATE_SAMPLES, RateHistory } from "../../../renderer/store/rate-history.ts";

const peer = (id: number, change: Partial<PeerView> = {}): [number, PeerView] => [
  id,
  {
    id,
    host: `10.0.0.${id}`,
    port: 6881,
    phase: "open",
    sources: [],
    downRate: 0,
    upRate: 0,
    piecesCount: 0,
    hashFailures: 0,
    ...change,
  } as unknown as PeerView,
];
const known = (host: string, at?: number): [string, KnownPeerView] => [
  `${host}:1`,
  {
    host,
    port: 1,
    sources: [],
    failures: 0,
    nextTry: 0,
    ...(at === undefined ? {} : { lastEnd: { reason: "inactive", code: -40, by: "us", detail: "", at } }),
  },
];
const gone = (id: number): GonePeer =>
  ({ peer: id, host: "10.9.9.9", port: id, reason: "inactive", detail: "", flags: "" }) as unknown as GonePeer;
const look = (change: Partial<PeersLook> = {}): PeersLook => ({
  sort: undefined,
  filter: parsePeerFilter(""),
  closed: new Set(),
  pieceCount: 8,
  ...change,
});

const details = {
  peers: new Map([
    peer(3, { downRate: 9 }),
    peer(1, { phase: "queued" }),
    peer(2, { phase: "handshaking" }),
    peer(10, { downRate: 5 }),
  ]),
  known: new Map([known("10.1.0.1"), known("10.1.0.2", 5), known("10.1.0.3", 9)]),
  gone: [gone(20), gone(21)],
};

describe("rows of the peer table", () => {
  it("are groups with their peers: as they came, last tried first, newest gone first", () => {
    const { keys, groups } = peerRowsMaker()(details, look());
    expect(keys).toEqual([
      ...["#open", "p3", "p10", "#connecting", "p2", "#queued", "p1"],
      ...["#known", "k10.1.0.3:1", "k10.1.0.2:1", "k10.1.0.1:1", "#gone", "p21", "p20"],
    ]);
    expect(groups).toEqual({
      open: { shown: 2, all: 2 },
      connecting: { shown: 1, all: 1 },
      queued: { shown: 1, all: 1 },
      known: { shown: 3, all: 3 },
      gone: { shown: 2, all: 2 },
    });
  });

  it("leave out who is under a fold, and groups that nobody is in", () => {
    const folded = peerRowsMaker()(details, look({ closed: new Set(["known", "gone"]) }));
    expect(folded.keys.slice(-2)).toEqual(["#known", "#gone"]);
    expect(peerRowsMaker()({ peers: new Map([peer(1)]) }, look()).keys).toEqual(["#open", "p1"]);
  });

  it("count who passes the filter beside all", () => {
    const { keys, groups } = peerRowsMaker()(details, look({ filter: parsePeerFilter("10.1.0.2") }));
    expect(keys).toEqual(["#open", "#connecting", "#queued", "#known", "k10.1.0.2:1", "#gone"]);
    expect(groups.known).toEqual({ shown: 1, all: 3 });
  });

  it("are sorted within their groups, those that a column says nothing of last", () => {
    const make = peerRowsMaker();
    const rates = make(details, look({ sort: { column: "down", descending: false } }));
    expect(rates.keys.slice(0, 3)).toEqual(["#open", "p10", "p3"]);
    const byAddress = make(details, look({ sort: { column: "address", descending: true } }));
    expect(byAddress.keys.slice(0, 3)).toEqual(["#open", "p10", "p3"]);
    expect(byAddress.keys.slice(-6, -3)).toEqual(["k10.1.0.3:1", "k10.1.0.2:1", "k10.1.0.1:1"]);
  });

  it("are the same value while nobody came, went or moved", () => {
    const make = peerRowsMaker();
    const first = make(details, look());
    const faster = { ...details, peers: new Map(details.peers).set(3, peer(3, { downRate: 10 })[1]) };
    expect(make(faster, look())).toBe(first);
  });

  it("keep the key of a peer that leaves", () => {
    const before = { peers: new Map([peer(7)]) };
    const after = { peers: new Map<number, PeerView>(), gone: [gone(7)] };
    expect(anyPeer(before, "p7")?.kind).toBe("live");
    expect(anyPeer(after, "p7")?.kind).toBe("gone");
    expect(anyPeer(details, "k10.1.0.2:1")?.kind).toBe("known");
    expect(anyPeer(details, "p99")).toBeUndefined();
    expect([peerOfKey("p7"), peerOfKey("k10.1.0.2:1"), peerOfKey("#open"), peerOfKey(undefined)]).toEqual([
      7,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("how much of use a peer is", () => {
  it("is its share of what we miss", () => {
    const states = Uint8Array.of(3, 3, 0, 0, 1, 0, 5, 3, 0);
    // Of pieces 2, 3, 4, 5 and 8 it has 2, 3 and 8.
    expect(relevanceOf(Uint8Array.of(0b1111_0010, 0b1000_0000), states)).toBeCloseTo(3 / 5);
    expect(relevanceOf(undefined, states)).toBeUndefined();
    expect(relevanceOf(Uint8Array.of(0xff), Uint8Array.of(3, 3))).toBeUndefined();
  });
});

describe("the rates of the last two minutes", () => {
  const rates = (down: number) => new Map([peer(1, { downRate: down, upRate: 2 })]);

  it("have a sample a second, whatever the number of updates", () => {
    const history = new RateHistory();
    for (const [at, down] of [
      [10_000, 1],
      [10_250, 9],
      [11_000, 2],
      [12_100, 3],
    ] as const) {
      history.note(at, "t", rates(down));
    }
    expect([...(history.trailOf(1)?.down ?? [])].slice(-4)).toEqual([0, 1, 2, 3]);
    expect(history.trailOf(1)?.up.length).toBe(RATE_SAMPLES);
    expect(history.version()).toBe(3);
  });

  it("go on as they were through seconds without an update", () => {
    const history = new RateHistory();
    history.note(10_000, "t", rates(4));
    history.note(13_000, "t", rates(7));
    expect([...(history.trailOf(1)?.down ?? [])].slice(-4)).toEqual([4, 7, 7, 7]);
  });

  it("are forgotten with the peer, and with the torrent", () => {
    const history = new RateHistory();
    history.note(10_000, "t", rates(4));
    history.note(11_000, "t", new Map([peer(2)]));
    expect(history.trailOf(1)).toBeUndefined();
    expect(history.trailOf(2)).toBeDefined();
    history.note(12_000, "other", undefined);
    expect(history.trailOf(2)).toBeUndefined();
  });

  it("begin anew for who scrubs back", () => {
    const history = new RateHistory();
    history.note(50_000, "t", rates(4));
    history.note(10_000, "t", rates(1));
    expect([...(history.trailOf(1)?.down ?? [])].slice(-2)).toEqual([0, 1]);
  });
});
