import { afterEach, describe, expect, it } from "vitest";
import type { GonePeer, KnownPeerView, PeerView } from "../../../core/contract/views.ts";
import { filterSuggestions } from "../../../renderer/format/filter-suggestions.ts";
import { type AnyPeer, flagsNamed, parsePeerFilter } from "../../../renderer/format/peer-filter.ts";
import { say, speak } from "../../../renderer/words/say.ts";

const PIECES = 100;

const live = (change: Partial<PeerView>): AnyPeer => ({
  kind: "live",
  peer: {
    id: 1,
    host: "192.0.2.7",
    port: 6881,
    phase: "open",
    direction: "outgoing",
    transport: "tcp",
    encryption: "none",
    sources: [{ kind: "tracker", tracker: "http://tracker.example.org/announce" }],
    downRate: 0,
    upRate: 0,
    piecesCount: 0,
    hashFailures: 0,
    ...change,
  } as PeerView,
});
const known = (change: Partial<KnownPeerView> = {}): AnyPeer => ({
  kind: "known",
  peer: {
    host: "198.51.100.4",
    port: 51413,
    sources: [{ kind: "dht" }],
    failures: 1,
    nextTry: 0,
    lastEnd: {
      reason: "connect-failed",
      code: -200,
      by: "network",
      detail: "connection refused (ECONNREFUSED)",
      at: 1,
    },
    ...change,
  },
});
const gone = (change: Partial<GonePeer> = {}): AnyPeer => ({
  kind: "gone",
  peer: {
    peer: 9,
    host: "203.0.113.9",
    port: 7000,
    direction: "incoming",
    transport: "utp",
    client: "Transmission 4.0.6",
    sources: ["incoming"],
    reason: "bad-message",
    code: -22,
    by: "us",
    detail: "bitfield of 12 bytes, expected 13",
    at: 1,
    flags: "dI",
    payloadDown: 0,
    payloadUp: 0,
    ...change,
  },
});

const admits = (text: string, any: AnyPeer) => parsePeerFilter(text).admits(any, PIECES);
afterEach(() => speak("en"));

describe("a filter of peers", () => {
  it("admits everybody while it is empty, or only begun", () => {
    for (const text of ["", "   ", "client:", "-", "-flag:", '""']) {
      expect(parsePeerFilter(text)).toMatchObject({ isEmpty: true, faults: [] });
      expect(admits(text, known())).toBe(true);
    }
  });

  it("finds plain text in the address, the client and the reason", () => {
    const peer = live({ client: "qBittorrent 4.6.7" });
    expect(admits("192.0.2", peer)).toBe(true);
    expect(admits("192.0.2.7:6881", peer)).toBe(true);
    expect(admits("QBIT", peer)).toBe(true);
    expect(admits("econnrefused", known())).toBe(true);
    expect(admits('"could not be reached"', known())).toBe(true);
    expect(admits("malformed", gone())).toBe(true);
    expect(admits("nowhere", peer)).toBe(false);
  });

  it("takes an IPv6 address for what it is", () => {
    const peer = live({ host: "fd::7" });
    expect(parsePeerFilter("fd::7").faults).toEqual([]);
    expect(admits("fd::7", peer)).toBe(true);
    expect(admits("[fd::7]:6881", peer)).toBe(true);
  });

  it("wants every word of it to hold", () => {
    const peer = live({ isSnubbed: true, client: "Transmission 4.0.6" });
    expect(admits("flag:snubbed client:transmission source:tracker", peer)).toBe(true);
    expect(admits("flag:snubbed client:transmission source:dht", peer)).toBe(false);
  });

  it("knows flags by letter, by name in the interface's language and in English, and by their words", () => {
    const peer = live({ isSnubbed: true, weAreInterested: true, peerChokes: true });
    for (const text of ["flag:S", "flag:snubbed", "flag:snub", "flag:d", "flag:choked"]) {
      expect(admits(text, peer), text).toBe(true);
    }
    // Letters are told apart by case.
    expect(admits("flag:D", peer)).toBe(false);
    expect(flagsNamed("web seed")).toEqual(["W"]);
    expect(flagsNamed("upload-only")).toEqual(["−"]);
    expect(flagsNamed("stopped sending")).toEqual(["S"]);
    speak("de");
    expect(flagsNamed("säumig")).toEqual(["S"]);
    expect(flagsNamed("snubbed")).toEqual(["S"]);
  });

  it("knows the last flags of who is gone", () => {
    expect(admits("flag:incoming", gone())).toBe(true);
    expect(admits("flag:S", gone())).toBe(false);
  });

  it("turns a word round with a minus", () => {
    expect(admits("-source:tracker", live({}))).toBe(false);
    expect(admits("-source:dht", live({}))).toBe(true);
    expect(admits("-client:transmission", gone())).toBe(false);
    expect(admits('-"connection refused"', known())).toBe(false);
  });

  it("knows where peers are", () => {
    const queued = live({ phase: "queued" });
    expect(admits("state:queued", queued)).toBe(true);
    expect(admits("state:handshaking", live({ phase: "handshaking" }))).toBe(true);
    expect(admits("state:connecting", live({ phase: "handshaking" }))).toBe(true);
    expect(admits("state:known", known())).toBe(true);
    expect(admits("state:gone", gone())).toBe(true);
    expect(admits("state:open", gone())).toBe(false);
  });

  it("knows reasons by name, by number, and by what they say", () => {
    expect(admits("reason:bad-message", gone())).toBe(true);
    expect(admits("reason:badmessage", gone())).toBe(true);
    expect(admits("reason:-22", gone())).toBe(true);
    expect(admits('reason:"12 bytes"', gone())).toBe(true);
    expect(admits("reason:connect", known())).toBe(true);
    expect(admits("reason:connect", live({}))).toBe(false);
  });

  it("knows one tracker from another, and countries by code and name", () => {
    expect(admits("source:tracker.example", live({}))).toBe(true);
    expect(admits("source:other.example", live({}))).toBe(false);
    expect(admits("source:incoming", gone())).toBe(true);
    expect(admits("source:dht", gone())).toBe(false);
    expect(admits("country:nl", live({ country: "NL" }))).toBe(true);
    expect(admits("country:netherl", live({ country: "NL" }))).toBe(true);
    expect(admits("country:nl", live({ country: "DE" }))).toBe(false);
    expect(admits("country:nl", live({}))).toBe(false);
  });

  it("compares shares and rates", () => {
    const half = live({ piecesCount: 50, pieces: new Uint8Array(13), downRate: 300 * 1024 });
    expect(admits("has:>49", half)).toBe(true);
    expect(admits("has:>50", half)).toBe(false);
    expect(admits("has:50%", half)).toBe(true);
    expect(admits("has:=50", half)).toBe(true);
    expect(admits("has:<=50", half)).toBe(true);
    expect(admits("has:<10", known())).toBe(false);
    expect(admits("down:>200", half)).toBe(true);
    expect(admits("down:>200k up:<1", half)).toBe(true);
    expect(admits("down:>1m", half)).toBe(false);
  });

  it("says what it could not read, and filters by the rest", () => {
    const filter = parsePeerFilter('colour:red flag:purple has:many state:lost client:trans "open');
    expect(filter.faults).toEqual([
      { kind: "no-such-key", key: "colour" },
      { kind: "no-such-value", key: "flag", value: "purple" },
      { kind: "no-number", key: "has", value: "many" },
      { kind: "no-such-value", key: "state", value: "lost" },
      { kind: "open-quote" },
    ]);
    expect(filter.admits(gone(), PIECES)).toBe(false);
    expect(admits("colour:red client:trans", gone())).toBe(true);
    for (const fault of filter.faults) expect(say.peers.filterFault(fault)).toMatch(/\.$/);
  });
});

describe("suggestions", () => {
  const swarm = { clients: ["Transmission", "Tixati"], countries: ["NL", "DE"] };
  const texts = (text: string, caret = text.length) =>
    filterSuggestions(text, caret, swarm).list.map((suggestion) => suggestion.text);

  it("begin with what can be filtered by", () => {
    expect(texts("")).toContain("flag:");
    expect(texts("cl")).toEqual(["client:"]);
    expect(texts("client:tr flag:snubbed ").length).toBeGreaterThan(3);
  });

  it("go on with what there is", () => {
    expect(texts("client:t")).toEqual(["client:Transmission ", "client:Tixati "]);
    expect(texts("country:nether")).toEqual(["country:nl "]);
    expect(texts("flag:snu")).toEqual(["flag:snubbed "]);
    expect(texts("-flag:S")[0]).toBe("-flag:snubbed ");
    expect(texts("flag:se").slice(0, 2)).toEqual(["flag:seed ", "flag:web-seed "]);
    expect(texts("state:kn")).toEqual(["state:known "]);
    expect(texts("reason:handshake-t")).toEqual(["reason:handshake-timeout "]);
    expect(texts("has:")).toContain("has:>50 ");
  });

  it("offer a flag to who types its name alone", () => {
    expect(texts("snub")).toEqual(["flag:snubbed "]);
  });

  it("replace the word that is being typed, and no other", () => {
    expect(filterSuggestions("flag:S cl has:>5", 9, swarm)).toMatchObject({ from: 7, to: 9 });
  });
});
