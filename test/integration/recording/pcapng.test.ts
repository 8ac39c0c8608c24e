import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  encodeFrame,
  RECORDING_MAGIC,
  type StreamStart,
  type WireRecord,
} from "../../../core/contract/recording/frames.ts";
import { pcap } from "../../../core/host/cli/pcap.ts";
import { concatBytes, fromLatin1, readUint32 } from "../../../core/model/bytes.ts";
import { MESSAGE } from "../../../core/model/wire-message.ts";
import { encodeHandshake, OUR_RESERVED } from "../../../core/wire/handshake.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { needs, requireCommand } from "../../setup/requirements.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-pcap-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const AT = 1_700_000_000_000;
const BLOCK = 16_384;
const infoHash = new Uint8Array(20).fill(0xab);

/** What both sides say, as a recording has it: nearly everything that there is to say. */
function conversation(peer: number): WireRecord[] {
  const records: WireRecord[] = [];
  const say = (way: 0 | 1, write: (writer: MessageWriter) => void, payload = 0) => {
    const writer = new MessageWriter();
    write(writer);
    records.push([peer, way, AT + 1000 + records.length * 10, writer.take(), payload]);
  };
  const hello = fromLatin1("d1:md11:ut_metadatai2e6:ut_pexi1ee4:reqqi250e1:v10:Scripted 1e");
  say(0, (to) => to.payload(MESSAGE.bitfield, new Uint8Array(70_000).fill(0xff)));
  say(1, (to) => to.bare(MESSAGE.haveNone));
  say(0, (to) => to.payload(MESSAGE.extended, Uint8Array.of(0), hello));
  say(1, (to) => to.payload(MESSAGE.extended, Uint8Array.of(0), hello));
  say(1, (to) => to.bare(MESSAGE.interested));
  say(0, (to) => to.bare(MESSAGE.unchoke));
  for (let block = 0; block < 3; block++) say(1, (to) => to.block(MESSAGE.request, 7, block * BLOCK, BLOCK));
  for (let block = 0; block < 2; block++) say(0, (to) => to.blockHeader(7, block * BLOCK, BLOCK), BLOCK);
  say(1, (to) => to.block(MESSAGE.cancel, 7, 2 * BLOCK, BLOCK));
  say(0, (to) => to.block(MESSAGE.reject, 7, 2 * BLOCK, BLOCK));
  say(1, (to) => to.piece(MESSAGE.have, 7));
  say(0, (to) => to.piece(MESSAGE.suggest, 9));
  say(0, (to) => to.piece(MESSAGE.allowedFast, 3));
  say(0, (to) => to.port(6881));
  say(0, (to) => to.keepAlive());
  say(1, (to) => to.payload(MESSAGE.extended, Uint8Array.of(2), fromLatin1("d8:msg_typei0e5:piecei0ee")));
  // Longer than any IP packet.
  say(1, (to) => to.blockHeader(9, 0, 131_072), 131_072);
  say(0, (to) => to.bare(MESSAGE.choke));
  say(1, (to) => to.bare(MESSAGE.notInterested));
  return records;
}

function recordingOf(...streams: Pick<StreamStart, "peer" | "host" | "port" | "direction" | "transport">[]): string {
  const side = (id: string) => encodeHandshake({ reserved: OUR_RESERVED, infoHash, peerId: fromLatin1(id) });
  const file = join(folder, "some.peerscope");
  const parts = [
    RECORDING_MAGIC,
    encodeFrame("head", AT, { version: "0.1.0", torrent: "ab".repeat(20), name: "Some", infoHash }),
    encodeFrame("state", AT, { update: { kind: "update", at: AT }, lives: [], details: [] }),
  ];
  for (const stream of streams) {
    const theirs = side("-TR4050-abcdefghijkl");
    const ours = side("-PS0100-abcdefghijkl");
    parts.push(encodeFrame("stream", AT, { ...stream, client: "Transmission 4.0.5", openedAt: AT, theirs, ours }));
    parts.push(encodeFrame("wire", AT + 2000, conversation(stream.peer)));
  }
  parts.push(encodeFrame("end", AT + 3000, {}));
  writeFileSync(file, concatBytes(...parts));
  return file;
}

async function run(recording: string, peer?: string): Promise<string> {
  let written = "";
  const terminal = {
    isInteractive: false,
    columns: 80,
    write: (text: string) => {
      written += text;
    },
    complain: () => {},
  };
  expect(await pcap({ recording, ...(peer === undefined ? {} : { peer }) }, terminal)).toBe(0);
  return written.trimEnd();
}

describe("a capture of one peer", needs(requireCommand("tshark")), () => {
  const dissected = (file: string): string[][] => {
    const fields = [
      ...["_ws.col.Protocol", "_ws.malformed", "bittorrent.msg.type", "bittorrent.info_hash", "tcp.checksum.status"],
      ...["ip.checksum.status", "tcp.analysis.flags", "tcp.flags.syn", "frame.time_epoch"],
    ];
    const checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    const args = [
      "-r",
      file,
      ...checked,
      "-T",
      "fields",
      "-E",
      "aggregator=,",
      ...fields.flatMap((name) => ["-e", name]),
    ];
    const text = execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return text
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  };

  test.each([
    { peer: 4, host: "127.0.0.1", port: 51_413, direction: "outgoing", transport: "tcp" },
    { peer: 5, host: "203.0.113.9", port: 40_001, direction: "incoming", transport: "utp" },
    { peer: 6, host: "2001:db8::7", port: 51_413, direction: "outgoing", transport: "tcp" },
    { peer: 7, host: "2001:db8::8", port: 40_002, direction: "incoming", transport: "tcp" },
  ] as const)(
    "to $host ($direction) is dissected as BitTorrent, each kind of message, none malformed",
    async (stream) => {
      const capture = await run(recordingOf(stream), String(stream.peer));
      expect(statSync(capture).mode & 0o777).toBe(0o600);
      const packets = dissected(capture);
      expect(packets.map(([, malformed]) => malformed).filter(Boolean)).toEqual([]);
      expect(packets.map((packet) => packet[6]).filter(Boolean)).toEqual([]);
      // 1: good, 2: can't be told of a packet that was cut; IPv6 has no checksum of its own.
      expect(new Set(packets.map((packet) => packet[4]))).toEqual(new Set(["1", "2"]));
      expect(new Set(packets.map((packet) => packet[5]))).toEqual(new Set([stream.host.includes(":") ? "" : "1"]));
      const withPayload = packets.filter((packet) => packet[7] !== "1").slice(1);
      const others = withPayload.filter(([protocol]) => protocol !== "BitTorrent");
      // Of what is longer than a packet the first part says nothing yet, and the cut rest nothing any more.
      expect(others.length).toBeLessThanOrEqual(3);
      expect(packets.filter(([, , , hash]) => hash === "ab".repeat(20))).toHaveLength(2);
      const kinds = new Set(packets.flatMap(([, , types]) => (types ? types.split(",") : [])).map(Number));
      const said = conversation(stream.peer).flatMap(([, , , bytes]) => (readUint32(bytes, 0) === 0 ? [] : [bytes[4]]));
      expect([...kinds].sort((a, b) => a - b)).toEqual([...new Set(said as number[])].sort((a, b) => a - b));
      expect(Number(packets.at(-1)?.[8])).toBeCloseTo((AT + 1000 + said.length * 10) / 1000, 3);
    },
  );
});

test("the peers of a recording are listed, and one that was there twice is named by its number", async () => {
  const at = { host: "203.0.113.9", port: 6881, direction: "outgoing", transport: "tcp" } as const;
  const file = recordingOf({ peer: 1, ...at }, { peer: 2, ...at }, { peer: 3, ...at, port: 6882 });
  const listed = (await run(file)).split("\n");
  expect(listed.map((line) => line.split("\t").slice(0, 3))).toEqual([
    ["1", "203.0.113.9:6881", "outgoing tcp"],
    ["2", "203.0.113.9:6881", "outgoing tcp"],
    ["3", "203.0.113.9:6882", "outgoing tcp"],
  ]);
  await expect(run(file, "203.0.113.9:6881")).rejects.toThrow("name one of the connections 1, 2");
  await expect(run(file, "203.0.113.9:1")).rejects.toThrow("is not in it");
  expect(readFileSync(await run(file, "203.0.113.9:6882")).readUInt32LE(0)).toBe(0x0a0d0d0a);
});

test("what is no recording is said to be none", async () => {
  const file = join(folder, "other.peerscope");
  writeFileSync(file, "Not a recording at all, but long enough to be looked at.");
  await expect(run(file, "1")).rejects.toThrow("It is no recording of Peerscope.");
});
