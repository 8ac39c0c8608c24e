import { MAX_PEERS_AN_ANSWER, parseAnnounceAnswer, parseScrapeAnswer } from "../../../core/discovery/tracker-answer.ts";
import { UdpCall, type UdpRequest } from "../../../core/discovery/udp-call.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { claim, pick, type Target } from "../target.ts";
import { bencodeTokens, randomValue } from "./bencode.ts";

const infoHash = new Uint8Array(20).fill(0x41);
const parameters = {
  infoHash,
  peerId: new Uint8Array(20),
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 2 ** 40,
  numwant: 50,
  key: "0000abcd",
};

function announce(random: Random): Uint8Array {
  const peers = randomBelow(random, 5);
  return encodeBencode({
    complete: randomBelow(random, 100),
    "external ip": randomBytes(random, pick(random, [4, 16, 5])),
    incomplete: 2,
    interval: pick(random, [1800, 0, -1, 2 ** 40]),
    "min interval": 60,
    peers:
      randomBelow(random, 2) === 0
        ? randomBytes(random, 6 * peers)
        : Array.from({ length: peers }, () => ({
            ip: pick(random, ["10.0.0.1", "::1", "example.org", "256.1.1.1", "fe80::1%1", "::ffff:1.2.3.4"]),
            "peer id": randomBytes(random, 20),
            port: pick(random, [6881, 0, 65535, 65536, -1]),
          })),
    peers6: randomBytes(random, 18 * randomBelow(random, 3)),
    "tracker id": "abc",
    ...(randomBelow(random, 3) === 0 ? { "warning message": "w\u0000\u202e\u00ff" } : {}),
  });
}

function refusal(random: Random): Uint8Array {
  return encodeBencode({ "failure reason": "no\u0007", "retry in": pick(random, [5, "never", "7", "x", -3]) });
}

function scrape(random: Random): Uint8Array {
  const counts = { complete: 5, downloaded: randomBelow(random, 9), incomplete: 10, name: "x" };
  const flags = { min_request_interval: pick(random, [3600, -1, 2 ** 50]) };
  return encodeBencode({ files: { ["A".repeat(20)]: counts }, flags });
}

function isInterval(value: number | undefined): boolean {
  return value === undefined || (value >= 60_000 && value <= 3_600_000);
}

function isText(value: string | undefined): boolean {
  return value === undefined || (value.length > 0 && value.length <= 256 && !/[\p{Cc}\p{Cf}]/u.test(value));
}

/** Whatever a tracker says: what we then do is within our limits. */
export const trackerAnswers: Target = {
  name: "tracker-answers",
  share: 57,
  meets: ["announce", "scrape", "refused"],
  tokens: bencodeTokens,
  make(random) {
    const made = pick(random, [announce, announce, scrape, refusal])(random);
    if (randomBelow(random, 50) === 0) return encodeBencode({ peers: randomValue(random) });
    return randomBelow(random, 20) === 0 ? concatBytes(made, fromLatin1("\r\n")) : made;
  },
  judge(input) {
    const outcomes: string[] = [];
    const announced = parseAnnounceAnswer(input);
    if (announced.ok) {
      const { peers, interval, minInterval, trackerId, warning } = announced.answer;
      claim(peers.length <= MAX_PEERS_AN_ANSWER, () => `${peers.length} peers`);
      for (const { host, port } of peers) {
        claim(Number.isInteger(port) && port >= 0 && port <= 65535, () => `port ${port}`);
        claim(/^[0-9a-f.:]+$/.test(host), () => `host ${host}`);
      }
      claim(isInterval(interval) && isInterval(minInterval), () => `intervals ${interval} and ${minInterval}`);
      claim((trackerId?.length ?? 0) <= 512, "its id is long");
      claim(isText(warning), () => `warning ${JSON.stringify(warning)}`);
      outcomes.push("announce");
    } else {
      claim(isText(announced.fault), () => `fault ${JSON.stringify(announced.fault)}`);
      claim(announced.retryIn === undefined || announced.retryIn >= 60_000, () => `again in ${announced.retryIn} ms`);
      outcomes.push("refused");
    }
    const scraped = parseScrapeAnswer(input, infoHash);
    if (scraped.ok) {
      for (const count of Object.values(scraped.scrape)) {
        claim(Number.isSafeInteger(count) && count >= 0, () => `scrape ${JSON.stringify(scraped.scrape)}`);
      }
      outcomes.push("scrape");
    } else claim(isText(scraped.fault), () => `fault ${JSON.stringify(scraped.fault)}`);
    return outcomes;
  },
};

/** Whatever comes in a datagram: what is made of it is an answer like any other, or nothing. */
export const udpTracker: Target = {
  name: "udp-tracker",
  share: 40,
  meets: ["connected", "answer", "ignored"],
  make(random) {
    const action = randomBelow(random, 4);
    const rest =
      action === 0 ? 8 : pick(random, [12, 12 + 6 * randomBelow(random, 5), 12 + 18 * randomBelow(random, 3)]);
    const flags = Uint8Array.of(randomBelow(random, 8), 0, 0, 0, action);
    return concatBytes(flags, randomBytes(random, rest));
  },
  judge(input) {
    // The first byte says what was asked, and how; the transaction is the one that was sent.
    const [first = 0] = input;
    const family = (first & 1) === 0 ? 4 : 6;
    const connection = (first & 2) === 0 ? undefined : { id: new Uint8Array(8), until: 1e12 };
    const request: UdpRequest = (first & 4) === 0 ? { kind: "announce", parameters } : { kind: "scrape", infoHash };
    const call = new UdpCall(request, "/announce", family, connection, seededRandom(3), 0);
    const sent = call.poll(0) as Uint8Array;
    const datagram = concatBytes(input.subarray(1, 5), sent.subarray(12, 16), input.subarray(5));
    const outcome = call.received(datagram, 1);
    if (outcome.kind !== "answer") return outcome.kind;
    const announced = parseAnnounceAnswer(outcome.body);
    const scraped = parseScrapeAnswer(outcome.body, infoHash);
    claim(!announced.ok || announced.answer.peers.length <= datagram.length / 6, "peers that were never named");
    claim(announced.ok || isText(announced.fault), () => `fault ${JSON.stringify(announced)}`);
    claim(scraped.ok || isText(scraped.fault), () => `fault ${JSON.stringify(scraped)}`);
    return "answer";
  },
};
