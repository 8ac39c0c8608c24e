import { describe, expect, it } from "vitest";
import { compareDistance, idForHost, mayHaveId, randomIdSharing, sharedBits } from "../../../core/dht/node-id.ts";
import { RoutingTable } from "../../../core/dht/routing-table.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";

const STEPS = 3000;

describe("a routing table", () => {
  it.for([1, 2, 3])("keeps its promises whatever nodes answer, fail and change their names (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const table = new RoutingTable(randomBytes(random, 20));
    for (let step = 0; step < STEPS; step++) {
      const host = `${20 + randomBelow(random, 20)}.${randomBelow(random, 20)}.1.${randomBelow(random, 3)}`;
      const endpoint = { host, port: 1 + randomBelow(random, 2) };
      if (randomBelow(random, 3) === 0) table.failed(endpoint);
      else {
        const ids = [
          idForHost(host, random),
          randomIdSharing(table.ownId, randomBelow(random, 12), random),
          table.ownId,
        ];
        table.answered({ id: ids[randomBelow(random, 3)] as Uint8Array, ...endpoint }, step);
      }
      if (step % 50 !== 0) continue;
      const all = table.buckets.flatMap(({ nodes, spare }) => [...nodes, ...spare]);
      expect(new Set(all.map((node) => node.host)).size).toBe(all.length);
      expect(new Set(all.map((node) => toHex(node.id))).size).toBe(all.length);
      table.buckets.forEach(({ nodes, spare }, at) => {
        expect(nodes.length).toBeLessThanOrEqual([128, 64, 32, 16][at] ?? 8);
        expect(spare.length).toBeLessThanOrEqual(8);
        expect(new Set(nodes.map((node) => node.network)).size).toBe(nodes.length);
        for (const node of [...nodes, ...spare]) {
          expect(sharedBits(table.ownId, node.id)).toBe(at);
          expect(node.isProper).toBe(mayHaveId(node.host, node.id));
          expect(table.find(node)).toBe(node);
        }
      });
    }
    expect(table.size).toBeGreaterThan(50);
  });

  it("names the closest nodes of all it has, closest first, few of which chose their ids", () => {
    const random = seededRandom(5);
    const table = new RoutingTable(randomBytes(random, 20));
    for (let i = 0; i < 500; i++) {
      const host = `${20 + (i % 100)}.${i % 200}.${Math.floor(i / 100)}.1`;
      const id = i % 2 === 0 ? idForHost(host, random) : randomIdSharing(table.ownId, randomBelow(random, 20), random);
      table.answered({ id, host, port: 1 }, 0);
    }
    const bad = [...table.nodes()].filter((_, at) => at % 10 === 0);
    for (const node of bad) for (let i = 0; i < 2; i++) table.failed(node);
    for (let i = 0; i < 200; i++) {
      const target =
        i % 2 === 0 ? randomBytes(random, 20) : randomIdSharing(table.ownId, randomBelow(random, 40), random);
      const most = 1 + randomBelow(random, 20);
      const good = [...table.nodes()]
        .filter((node) => node.failures === 0)
        .sort((a, b) => compareDistance(target, a.id, b.id));
      const proper = good.filter((node) => node.isProper).slice(0, most);
      const improper = good.filter((node) => !node.isProper);
      const mostImproper = Math.max(Math.floor(most / 4), most - proper.length);
      const chosen = new Set([...proper, ...improper.slice(0, mostImproper)]);
      const expected = good.filter((node) => chosen.has(node)).slice(0, most);
      expect(table.closest(target, most).map(formatEndpoint)).toEqual(expected.map(formatEndpoint));
    }
  });

  it("gives a place to who could not choose its id before who could, and keeps the others in mind", () => {
    const random = seededRandom(6);
    const table = new RoutingTable(idForHost("1.2.3.4", random));
    const chosen = Array.from({ length: 8 }, (_, i) => ({
      id: randomIdSharing(table.ownId, 4, random),
      host: `50.${i}.1.1`,
      port: 1,
    }));
    for (const contact of chosen) table.answered(contact, 0);
    expect(table.size).toBe(8);
    let proper = 0;
    for (let i = 0; proper < 8; i++) {
      const host = `60.${i % 250}.${Math.floor(i / 250)}.1`;
      const id = idForHost(host, random);
      if (sharedBits(table.ownId, id) !== 4) continue;
      table.answered({ id, host, port: 1 }, 1);
      proper++;
    }
    const bucket = table.buckets[4];
    expect(bucket?.nodes.every((node) => node.isProper)).toBe(true);
    expect(bucket?.spare).toHaveLength(8);
    const [first] = bucket?.nodes ?? [];
    if (first !== undefined) for (let i = 0; i < 2; i++) table.failed(first);
    expect(bucket?.nodes).toHaveLength(8);
    expect(bucket?.spare).toHaveLength(7);
  });
});
