import { describe, expect, test } from "vitest";
import { Bitfield } from "../../../core/model/bitfield.ts";
import {
  decodeResume,
  encodeResume,
  MOST_KEPT_PEERS,
  type ResumeRecord,
} from "../../../core/runtime/persist/resume-record.ts";

function record(changes: Partial<ResumeRecord> = {}): ResumeRecord {
  const verified = new Bitfield(19);
  for (const piece of [0, 7, 18]) verified.set(piece);
  const written = verified.copy();
  written.set(9);
  return {
    id: "ab".repeat(20),
    folder: "/downloads/Ünï 漢",
    addedAt: 1_700_000_000_123,
    isPaused: true,
    unwantedFiles: [1, 3],
    downloaded: 2 ** 45,
    uploaded: 1,
    wasted: 16_384,
    downLimit: 1000,
    upLimit: 0,
    isSuperSeeding: true,
    isSequential: true,
    maxConnections: 30,
    unchokeSlots: 2,
    priorities: [
      [0, "high"],
      [3, "low"],
    ],
    asksForFiles: false,
    extraTrackers: [["http://a/announce", "http://b/announce"], ["udp://c:1"]],
    editedTrackers: [["http://d/announce"], ["udp://c:1"]],
    knownPeers: [
      { host: "192.0.2.1", port: 6881 },
      { host: "2001:db8::1", port: 1 },
    ],
    verified,
    written,
    stamps: [{ size: 10, modifiedAt: 1234.5678 }, undefined],
    isAtRest: false,
    mustCheck: false,
    savedAt: 1_700_000_001_000,
    boot: "a boot",
    ...changes,
  };
}

describe("a resume record", () => {
  test("comes back as it was", () => {
    expect(decodeResume(encodeResume(record()))).toEqual(record());
    expect(decodeResume(encodeResume(record({ completedAt: 5 })))).toEqual(record({ completedAt: 5 }));
  });

  test("keeps no more peers than a torrent needs to be in the swarm again", () => {
    const knownPeers = Array.from({ length: 3000 }, (_, i) => ({ host: "192.0.2.1", port: i + 1 }));
    const kept = decodeResume(encodeResume(record({ knownPeers }))) as ResumeRecord;
    expect(kept.knownPeers).toEqual(knownPeers.slice(0, MOST_KEPT_PEERS));
  });

  test("that is not understood says why", () => {
    const whole = encodeResume(record());
    const text = new TextDecoder("latin1").decode(whole);
    const changed = (from: string, to: string) => Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0));
    expect(decodeResume(new Uint8Array())).toBe("it has no first line");
    expect(decodeResume(whole.subarray(0, whole.length - 1))).toBe("5 bytes of bitfields for 19 pieces");
    expect(decodeResume(changed('"version":1', '"version":2'))).toMatch(/^version: /);
    expect(decodeResume(changed('"port":6881', '"port":0'))).toMatch(/^knownPeers\.0\.port: /);
    expect(decodeResume(changed('{"version"', "{version"))).toMatch(/JSON/);
    expect(decodeResume(changed('"pieceCount":19', '"pieceCount":9e15'))).toMatch(/bytes of bitfields/);
  });
});
