import { describe, expect, it } from "vitest";
import { encodeAnswer, encodeQuery } from "../../../core/dht/encode.ts";
import type { Question } from "../../../core/dht/message.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { mutate, seedOfRun } from "../../fuzz/mutate.ts";
import { LoneDht, VERSION } from "../../unit/dht/lone-dht.ts";

const SEED = seedOfRun();
const DATAGRAMS = 4000;

function endpoint(random: Random): Endpoint {
  const byte = () => randomBelow(random, 256);
  const ipv4 = `${1 + Math.floor(byte() / 2)}.${byte()}.1.${byte()}`;
  const host = randomBelow(random, 4) === 0 ? `2a00:${byte()}:${byte()}:${byte()}::1` : ipv4;
  return { host, port: randomBelow(random, 0x10000) };
}

function question(random: Random): Question {
  const target = randomBytes(random, 20);
  const isSeed = randomBelow(random, 2) === 0;
  switch (randomBelow(random, 5)) {
    case 0:
      return { method: "ping" };
    case 1:
      return { method: "find_node", target };
    case 2:
      return { method: "get_peers", infoHash: target, noSeeds: isSeed, scrape: !isSeed };
    case 3:
      return { method: "sample_infohashes", target };
    default: {
      const token = randomBytes(random, 1 + randomBelow(random, 20));
      return { method: "announce_peer", infoHash: target, token, port: 5, impliedPort: isSeed, isSeed };
    }
  }
}

describe("hostile datagrams", () => {
  it.for([SEED, SEED + 1, SEED + 2])(
    "never break the DHT, nor make it say or keep more than it may (seed %i)",
    (seed) => {
      const random = seededRandom(seed);
      const lone = new LoneDht(["ipv4", "ipv6"], undefined, seed);
      lone.dht.addStart({ host: "1.2.3.4", port: 5 }, false);
      lone.dht.lookup(randomBytes(random, 20), { isSeed: false, scrape: true, found: () => undefined });
      let pending = lone.taken();
      for (let i = 0; i < DATAGRAMS; i++) {
        const asked = pending[randomBelow(random, Math.max(1, pending.length))];
        const sender = { id: randomBytes(random, 20), version: VERSION, isReadOnly: randomBelow(random, 5) === 0 };
        if (asked !== undefined && randomBelow(random, 2) === 0) {
          const contact = { id: randomBytes(random, 20), host: `9.${i & 0xff}.1.1`, port: 1 + (i & 0xfff) };
          const fields = {
            nodes: [contact],
            token: randomBytes(random, 4),
            peers: [endpoint(random)],
            seedFilter: randomBytes(random, 256),
            peerFilter: randomBytes(random, 256),
          };
          const answer = encodeAnswer(sender, asked.message.transaction, endpoint(random), fields);
          lone.dht.received(randomBelow(random, 3) === 0 ? mutate(random, answer) : answer, asked.to, lone.now);
        } else {
          const query = encodeQuery(sender, randomBytes(random, 1 + randomBelow(random, 40)), question(random), [
            "ipv4",
            "ipv6",
          ]);
          const bytes = randomBelow(random, 2) === 0 ? mutate(random, query) : query;
          const from = endpoint(random);
          lone.dht.received(bytes, from, lone.now);
          const [reply] = lone.taken().filter(({ to }) => to.host === from.host && to.port === from.port);
          // Nobody here has proved an address from which it asks.
          expect(reply?.bytes.length ?? 0).toBeLessThanOrEqual(3 * bytes.length);
        }
        if (randomBelow(random, 20) === 0) {
          lone.wait(500);
          pending = [...pending, ...lone.taken()].slice(-50);
        }
      }
      const { families, traffic } = lone.view;
      for (const { buckets } of families) {
        for (const { sharedBits, nodes, spare } of buckets) {
          expect(nodes).toBeLessThanOrEqual([128, 64, 32, 16][sharedBits] ?? 8);
          expect(spare).toBeLessThanOrEqual(8);
        }
      }
      expect(families[0]?.nodes).toBeGreaterThan(0);
      expect(traffic.malformed).toBeGreaterThan(100);
    },
  );
});
