import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../core/dht/decode.ts";
import { type AnswerFields, encodeAnswer, encodeQuery, leastAnswerLength } from "../../../core/dht/encode.ts";
import type { Contact, Family, Question } from "../../../core/dht/message.ts";
import { addressText } from "../../../core/model/address.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { VERSION } from "../../unit/dht/lone-dht.ts";

const CASES = 300;

function endpoint(random: Random, family: Family): Endpoint {
  const bytes = randomBytes(random, family === "ipv4" ? 4 : 16);
  return { host: addressText(bytes) as string, port: 1 + randomBelow(random, 65_535) };
}

function contacts(random: Random, family: Family): Contact[] {
  return Array.from({ length: randomBelow(random, 8) }, () => ({
    id: randomBytes(random, 20),
    ...endpoint(random, family),
  }));
}

function question(random: Random): Question {
  const is = () => randomBelow(random, 2) === 0;
  const target = randomBytes(random, 20);
  const questions: Question[] = [
    { method: "ping" },
    { method: "find_node", target },
    { method: "sample_infohashes", target },
    { method: "get_peers", infoHash: target, noSeeds: is(), scrape: is() },
    {
      method: "announce_peer",
      infoHash: target,
      token: randomBytes(random, 1 + randomBelow(random, 64)),
      port: 1 + randomBelow(random, 65_535),
      impliedPort: is(),
      isSeed: is(),
    },
  ];
  return questions[randomBelow(random, questions.length)] as Question;
}

describe("what is written", () => {
  it("is read as it was meant, for every query", () => {
    const random = seededRandom(11);
    for (let i = 0; i < CASES; i++) {
      const sender = { id: randomBytes(random, 20), version: VERSION, isReadOnly: randomBelow(random, 2) === 0 };
      const transaction = randomBytes(random, 1 + randomBelow(random, 32));
      const asked = question(random);
      const hasTarget = asked.method !== "ping" && asked.method !== "announce_peer";
      const want = hasTarget && randomBelow(random, 2) === 0 ? (["ipv4", "ipv6"] as const) : undefined;
      expect(decodeMessage(encodeQuery(sender, transaction, asked, want))).toEqual({
        kind: "query",
        transaction,
        id: sender.id,
        question: asked,
        want,
        isReadOnly: sender.isReadOnly,
      });
    }
  });

  it("is read as it was meant, for every answer, and the least of it is as long as was foretold", () => {
    const random = seededRandom(12);
    for (let i = 0; i < CASES; i++) {
      const sender = { id: randomBytes(random, 20), version: VERSION, isReadOnly: false };
      const transaction = randomBytes(random, 1 + randomBelow(random, 32));
      const family = randomBelow(random, 2) === 0 ? "ipv4" : "ipv6";
      const to = endpoint(random, family);
      expect(encodeAnswer(sender, transaction, to, {}).length).toBe(leastAnswerLength(transaction, to));
      const fields: AnswerFields = {
        nodes: contacts(random, "ipv4"),
        nodes6: contacts(random, "ipv6"),
        peers: Array.from({ length: randomBelow(random, 10) }, () => endpoint(random, family)),
        token: randomBytes(random, 8),
        ...(i % 2 === 0 ? { seedFilter: randomBytes(random, 256), peerFilter: randomBytes(random, 256) } : {}),
      };
      expect(decodeMessage(encodeAnswer(sender, transaction, to, fields))).toEqual({
        kind: "answer",
        transaction,
        id: sender.id,
        nodes: [...(fields.nodes ?? []), ...(fields.nodes6 ?? [])],
        peers: fields.peers,
        token: fields.token,
        seedFilter: fields.seedFilter,
        peerFilter: fields.peerFilter,
        ourAddress: to,
      });
    }
  });
});
