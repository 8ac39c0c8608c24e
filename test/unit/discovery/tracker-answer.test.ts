import { describe, expect, test } from "vitest";
import { MAX_PEERS_AN_ANSWER, parseAnnounceAnswer, parseScrapeAnswer } from "../../../core/discovery/tracker-answer.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { concatBytes, fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";

const parse = (fields: { [key: string]: BencodeInput }) => parseAnnounceAnswer(encodeBencode(fields));

describe("an announce answer", () => {
  test("gives compact peers of both families with their counts", () => {
    const parsed = parse({
      complete: 4,
      incomplete: 9,
      downloaded: 77,
      interval: 1800,
      "min interval": 900,
      peers: Uint8Array.of(192, 0, 2, 1, 0x1a, 0xe1),
      peers6: concatBytes(Uint8Array.of(0x20, 1, 0x0d, 0xb8), new Uint8Array(11), Uint8Array.of(9, 0, 80)),
      "tracker id": "tag",
      "external ip": Uint8Array.of(203, 0, 113, 5),
    });
    expect(parsed).toEqual({
      ok: true,
      answer: {
        peers: [
          { host: "192.0.2.1", port: 6881 },
          { host: "2001:db8::9", port: 80 },
        ],
        seeds: 4,
        leechers: 9,
        downloads: 77,
        interval: 1_800_000,
        minInterval: 900_000,
        trackerId: fromLatin1("tag"),
        externalIp: "203.0.113.5",
      },
    });
  });

  test("gives the peers of the dictionary form, those with a usable address", () => {
    const parsed = parse({
      interval: 1800,
      peers: [
        { ip: "192.0.2.9", "peer id": "-XX0001-000000000000", port: 51413 },
        { ip: "2001:DB8:0:0::1", port: 1 },
        { ip: "::ffff:192.0.2.3", port: 2 },
        { ip: "peer.example", port: 3 },
        { ip: "192.0.2.999", port: 4 },
        { ip: "192.0.2.4", port: 70_000 },
        { ip: "192.0.2.4" },
        "nonsense",
      ],
    });
    expect(parsed.ok && parsed.answer.peers).toEqual([
      { host: "192.0.2.9", port: 51413, peerId: fromLatin1("-XX0001-000000000000") },
      { host: "2001:db8::1", port: 1 },
      { host: "192.0.2.3", port: 2 },
    ]);
  });

  test.each([
    [0, 60_000],
    [-5, 60_000],
    [59, 60_000],
    [61, 61_000],
    [3600, 3_600_000],
    [2 ** 31, 3_600_000],
    [Number.MAX_SAFE_INTEGER, 3_600_000],
  ])("with an interval of %d s is clamped", (seconds, expected) => {
    const parsed = parse({ interval: seconds, "min interval": seconds, peers: "" });
    expect(parsed.ok && parsed.answer).toMatchObject({ interval: expected, minInterval: expected });
  });

  test("with an interval past 2^53 is clamped", () => {
    const parsed = parseAnnounceAnswer(fromLatin1("d8:intervali9223372036854775807e5:peers0:e"));
    expect(parsed.ok && parsed.answer.interval).toBe(3_600_000);
  });

  test("that refuses gives the tracker's words, made fit for a row", () => {
    const parsed = parse({ "failure reason": `not\nregistered \u202e${"x".repeat(400)}` });
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.fault.startsWith("not registered  x")).toBe(true);
    expect(parsed.fault).toHaveLength(256);
    expect(parsed.retryIn).toBeUndefined();
  });

  test.each([
    [{ "retry in": 5 }, 300_000],
    [{ "retry in": "5" }, 300_000],
    [{ "retry in": "never" }, Number.POSITIVE_INFINITY],
    [{ "retry in": 0 }, undefined],
    [{ "retry in": "soon" }, undefined],
    [{ "retry in": 10 ** 9 }, 86_400_000],
  ])("that refuses with %o says when to come back (BEP 31)", (fields, retryIn) => {
    const parsed = parse({ "failure reason": "overloaded", ...fields });
    expect(parsed).toEqual({ ok: false, fault: "overloaded", ...(retryIn === undefined ? {} : { retryIn }) });
  });

  test("carries a warning beside its peers", () => {
    const parsed = parse({ interval: 60, peers: "", "warning message": "old client" });
    expect(parsed).toMatchObject({ ok: true, answer: { warning: "old client" } });
  });

  test("may end with a line break, not with more", () => {
    const body = encodeBencode({ interval: 60, peers: "" });
    expect(parseAnnounceAnswer(concatBytes(body, fromLatin1("\r\n"))).ok).toBe(true);
    expect(parseAnnounceAnswer(concatBytes(body, fromLatin1("<html>")))).toEqual({
      ok: false,
      fault: "its answer is malformed: 6 bytes after its end",
    });
  });

  test.each([0, 5, 6, 7, 17, 18, 19])("with %i bytes of compact peers gives those that are whole", (length) => {
    const parsed = parse({
      interval: 60,
      peers: new Uint8Array(length).fill(9),
      peers6: new Uint8Array(length).fill(9),
    });
    const peers = parsed.ok ? parsed.answer.peers : [];
    const isIpv6 = ({ host }: { readonly host: string }) => host.includes(":");
    expect(peers.filter((peer) => !isIpv6(peer))).toHaveLength(Math.floor(length / 6));
    expect(peers.filter(isIpv6)).toHaveLength(Math.floor(length / 18));
  });

  test("with more peers than a torrent's list holds is cut", () => {
    const parsed = parse({ interval: 60, peers: new Uint8Array(60_000).fill(9), peers6: new Uint8Array(18_000) });
    expect(parsed.ok && parsed.answer.peers.length).toBe(MAX_PEERS_AN_ANSWER);
  });

  test.each([
    ["", "its answer is empty"],
    ["<html>404</html>", "its answer is malformed: "],
    ["le", "its answer is not a dictionary"],
    ["d8:intervali60e5:peersi3ee", "its peers are neither a string nor a list"],
    ["d8:intervali60e6:peers6lee", "its peers6 are not a string"],
    ["de", "its answer has neither peers nor an interval"],
    [`d5:peers${"l".repeat(50)}${"e".repeat(51)}`, "its answer is malformed: more than 10 levels"],
    ["d8:intervali60e5:peers999999999:", "its answer is malformed: a string of 999999999 bytes"],
  ])("of %s is no answer, in words", (text, fault) => {
    const parsed = parseAnnounceAnswer(fromLatin1(text));
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.fault.startsWith(fault)).toBe(true);
  });
});

describe("a scrape", () => {
  const infoHash = Uint8Array.from({ length: 20 }, (_, i) => 250 - i);

  test("gives the counts of the torrent", () => {
    const counts = new Map<string, BencodeInput>([
      ["complete", 5],
      ["downloaded", 50],
      ["incomplete", 10],
    ]);
    const body = encodeBencode({
      files: new Map([[toLatin1(infoHash), counts]]),
      flags: { min_request_interval: 120 },
    });
    expect(parseScrapeAnswer(body, infoHash)).toEqual({
      ok: true,
      scrape: { seeds: 5, leechers: 10, downloads: 50, minInterval: 120_000 },
    });
  });

  test.each([
    [{ files: {} }, "its scrape does not know the torrent"],
    [{ flags: {} }, "its scrape has no files"],
    [{ "failure reason": "no scrapes here" }, "no scrapes here"],
  ])("of %o is none", (fields, fault) => {
    expect(parseScrapeAnswer(encodeBencode(fields), infoHash)).toEqual({ ok: false, fault });
  });
});
