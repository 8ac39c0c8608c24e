import { describe, expect, test } from "vitest";
import { CLOSE_REASONS } from "../../../core/model/close-reason.ts";
import { flagLetters, PEER_FLAGS, peerFlags } from "../../../core/model/peer-flags.ts";

type Input = Parameters<typeof flagLetters>[0];

/** A peer with no letter at all. */
const plain: Input = {
  phase: "open",
  direction: "outgoing",
  transport: "tcp",
  encryption: "none",
  sources: [{ kind: "resume" }],
  weChoke: true,
  weAreInterested: false,
  peerChokes: true,
  peerIsInterested: false,
  isSeed: false,
  isUploadOnly: false,
  isSnubbed: false,
  isOptimistic: false,
  isOnParole: false,
  isEndgame: false,
  isHolepunched: false,
  hashFailures: 0,
};

const rows: readonly [letters: string, what: string, peer: Partial<Input>][] = [
  ["", "nothing", {}],
  ["D", "interested and not choked by it", { weAreInterested: true, peerChokes: false }],
  ["d", "interested and choked by it", { weAreInterested: true }],
  ["U", "it is interested and we don't choke it", { peerIsInterested: true, weChoke: false }],
  ["u", "it is interested and we choke it", { peerIsInterested: true }],
  ["K", "it doesn't choke us and we aren't interested", { peerChokes: false }],
  ["?", "we don't choke it and it isn't interested", { weChoke: false }],
  ["O", "optimistic unchoke", { isOptimistic: true }],
  ["S", "snubbed", { isSnubbed: true }],
  ["I", "incoming", { direction: "incoming", sources: [{ kind: "incoming" }] }],
  ["H", "source DHT", { sources: [{ kind: "dht" }] }],
  ["X", "source PEX", { sources: [{ kind: "pex" }] }],
  ["L", "source LSD", { sources: [{ kind: "lsd" }] }],
  ["T", "source tracker", { sources: [{ kind: "tracker", tracker: "http://t.test/" }] }],
  ["M", "source magnet", { sources: [{ kind: "magnet" }] }],
  ["M", "source user", { sources: [{ kind: "user" }] }],
  [
    "HXLT",
    "several sources",
    { sources: [{ kind: "tracker", tracker: "t" }, { kind: "lsd" }, { kind: "pex" }, { kind: "dht" }] },
  ],
  ["E", "all of it encrypted", { encryption: "rc4" }],
  ["e", "encrypted handshake", { encryption: "handshake" }],
  ["P", "uTP", { transport: "utp" }],
  ["W", "web seed", { transport: "web", sources: [{ kind: "web-seed", url: "http://w.test/" }] }],
  ["h", "holepunched", { isHolepunched: true }],
  ["Q", "queued", { phase: "queued" }],
  ["C", "connecting", { phase: "connecting" }],
  ["N", "handshaking", { phase: "handshaking" }],
  ["N", "encrypting", { phase: "encrypting" }],
  ["R", "on parole", { isOnParole: true }],
  ["G", "endgame", { isEndgame: true }],
  ["=", "seed", { isSeed: true, isUploadOnly: true }],
  ["−", "upload only", { isUploadOnly: true }],
  ["F", "took part in a failed piece", { hashFailures: 1 }],
  [
    "DUOIHEP=",
    "much at once",
    {
      weAreInterested: true,
      peerChokes: false,
      peerIsInterested: true,
      weChoke: false,
      isOptimistic: true,
      direction: "incoming",
      sources: [{ kind: "dht" }],
      encryption: "rc4",
      transport: "utp",
      isSeed: true,
      isUploadOnly: true,
    },
  ],
];

describe("flag letters", () => {
  test.each(rows)("%s: %s", (letters, _, peer) => {
    expect(flagLetters({ ...plain, ...peer })).toBe(letters);
    expect(
      peerFlags({ ...plain, ...peer })
        .map(({ letter }) => letter)
        .join(""),
    ).toBe(letters);
  });

  test("are one character each, different, and have words", () => {
    expect(new Set(PEER_FLAGS.map(({ letter }) => letter)).size).toBe(PEER_FLAGS.length);
    for (const { letter, words } of PEER_FLAGS) {
      expect([...letter]).toHaveLength(1);
      expect(words.length).toBeGreaterThan(5);
    }
    const tested = new Set(rows.flatMap(([letters]) => [...letters]));
    expect(PEER_FLAGS.filter(({ letter }) => !tested.has(letter))).toEqual([]);
  });
});

describe("close reasons", () => {
  test("have the codes of the reference, each its own", () => {
    const codes = Object.fromEntries(Object.entries(CLOSE_REASONS).map(([name, { code }]) => [name, code]));
    expect(codes).toEqual({
      "closed-by-peer": 0,
      self: -10,
      "no-such-torrent": -11,
      "info-hash-mismatch": -12,
      "bad-handshake": -13,
      "already-connected": -16,
      "too-many-peers": -17,
      checking: -18,
      "bad-message": -22,
      "both-seeds": -25,
      "unrequested-block": -26,
      "bad-request": -28,
      "bad-reject": -29,
      "handshake-timeout": -30,
      inactive: -40,
      useless: -41,
      "encryption-sync": -102,
      "encryption-unknown-key": -103,
      "encryption-no-common-method": -105,
      "connect-failed": -200,
      banned: -201,
      blocked: -202,
      local: -203,
      shutdown: -204,
      "pex-abuse": -205,
      "no-metadata-progress": -206,
      replaced: -207,
      resource: -208,
      "web-seed-failed": -209,
    });
    expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
    expect(CLOSE_REASONS.self.closeReason).toBe(258);
    expect(CLOSE_REASONS["both-seeds"].closeReason).toBe(6);
    expect(CLOSE_REASONS.banned.closeReason).toBe(286);
  });
});
