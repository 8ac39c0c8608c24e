import fc from "fast-check";
import { expect, test } from "vitest";
import { percentEncode } from "../../../core/discovery/announce-url.ts";
import { MAX_PEERS_AN_ANSWER, parseAnnounceAnswer, parseScrapeAnswer } from "../../../core/discovery/tracker-answer.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";

const { anything } = fc.letrec<{ anything: BencodeInput }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ maxLength: 20 }),
    fc.array(tie("anything"), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom("ip", "port", "peer id", "complete", "x"), tie("anything")),
  ),
}));

/** A dictionary with the keys of the field and any values at all. */
const answer = fc.dictionary(
  fc.constantFrom(
    "peers",
    "peers6",
    "interval",
    "min interval",
    "failure reason",
    "warning message",
    "retry in",
    "tracker id",
    "external ip",
    "complete",
    "incomplete",
    "downloaded",
    "files",
    "flags",
  ),
  anything,
);

function judge(body: Uint8Array): void {
  const parsed = parseAnnounceAnswer(body);
  if (!parsed.ok) {
    expect(parsed.fault.length).toBeGreaterThan(0);
    expect(parsed.fault.length).toBeLessThanOrEqual(256);
    if (parsed.retryIn !== undefined) expect(parsed.retryIn).toBeGreaterThanOrEqual(60_000);
    return;
  }
  const { peers, interval, minInterval, warning } = parsed.answer;
  expect(peers.length).toBeLessThanOrEqual(MAX_PEERS_AN_ANSWER);
  for (const { host, port } of peers) {
    expect(host).toMatch(/^[0-9a-f.:]+$/);
    expect(Number.isInteger(port) && port >= 0 && port <= 65535).toBe(true);
  }
  for (const time of [interval, minInterval]) {
    if (time === undefined) continue;
    expect(time).toBeGreaterThanOrEqual(60_000);
    expect(time).toBeLessThanOrEqual(3_600_000);
  }
  if (warning !== undefined) expect(warning.length).toBeLessThanOrEqual(256);
}

test("any bytes are an answer or a fault in words, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), judge), { numRuns: 500 });
});

test("any dictionary is an answer within bounds or a fault in words", () => {
  fc.assert(
    fc.property(answer, (fields) => {
      const body = encodeBencode(fields);
      judge(body);
      const scrape = parseScrapeAnswer(body, new Uint8Array(20));
      if (!scrape.ok) expect(scrape.fault.length).toBeLessThanOrEqual(256);
    }),
    { numRuns: 1000 },
  );
});

test("an answer with bytes changed, cut or added is an answer within bounds or a fault in words", () => {
  const whole = encodeBencode({
    complete: 1,
    incomplete: 2,
    interval: 1800,
    peers: [{ ip: "192.0.2.1", port: 6881, "peer id": new Uint8Array(20) }],
    peers6: new Uint8Array(36),
  });
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(whole.length), fc.uint8Array({ maxLength: 4 }), (from, to, put) => {
      judge(Uint8Array.from([...whole.subarray(0, from), ...put, ...whole.subarray(to)]));
    }),
    { numRuns: 1000 },
  );
});

test("percent-encoding is undone by any decoder of addresses", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoded = percentEncode(bytes).replace(/%([0-9A-F]{2})/g, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      expect(Uint8Array.from(decoded, (character) => character.charCodeAt(0))).toEqual(bytes);
    }),
  );
});
