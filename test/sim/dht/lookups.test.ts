import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../core/dht/decode.ts";
import { encodeAnswer } from "../../../core/dht/encode.ts";
import type { Contact } from "../../../core/dht/message.ts";
import { mayHaveId, randomIdSharing } from "../../../core/dht/node-id.ts";
import { type Endpoint, formatEndpoint } from "../../../core/model/endpoint.ts";
import { randomBelow, randomBytes } from "../../../core/model/random.ts";
import { DatagramNetwork, SimNode } from "./network.ts";

const SECOND = 1000;

/** A network whose nodes joined one after the other, each by two that were there. */
class Crowd {
  readonly network: DatagramNetwork;
  readonly nodes: SimNode[] = [];

  constructor(seed: number, size: number, lossPercent: number) {
    this.network = new DatagramNetwork(seed);
    this.network.lossPercent = lossPercent;
    while (this.nodes.length < size) {
      this.join();
      this.network.run(20);
    }
    this.network.run(20 * SECOND);
  }

  get any(): SimNode {
    return this.nodes[randomBelow(this.network.random, this.nodes.length)] as SimNode;
  }

  join(): SimNode {
    const node = new SimNode(this.network, this.network.address());
    const starts = this.nodes.length === 0 ? [] : [this.any, this.any];
    for (const { endpoint } of starts) node.dht.addStart(endpoint, true);
    this.nodes.push(node);
    return node;
  }

  /** `count` nodes go without a word, and others come in their place. */
  churn(count: number, staying: ReadonlySet<SimNode>, within: number): void {
    const leavers = this.nodes.filter((node) => !staying.has(node)).slice(0, count);
    for (const node of leavers) {
      this.nodes.splice(this.nodes.indexOf(node), 1);
      this.network.leave(node);
      this.join();
      this.network.run(within / count);
    }
  }

  announce(node: SimNode, infoHash: Uint8Array): void {
    const announce = { port: node.endpoint.port, impliedPort: true };
    node.dht.lookup(infoHash, { announce, isSeed: true, found: () => undefined });
  }

  /** @returns Where the time is put at which `wanted` was found, after the start. */
  search(node: SimNode, infoHash: Uint8Array, wanted: Endpoint): { foundAfter?: number } {
    const result: { foundAfter?: number } = {};
    const begun = this.network.clock.now;
    node.dht.lookup(infoHash, {
      isSeed: false,
      found: (peers) => {
        if (peers.some((peer) => formatEndpoint(peer) === formatEndpoint(wanted))) {
          result.foundAfter ??= this.network.clock.now - begun;
        }
      },
    });
    return result;
  }
}

describe("a network of a thousand nodes", () => {
  // Most of it is to build the network: some ten seconds of a processor that nobody else uses.
  it("finds nearly every peer within seconds, though a fifth leave and datagrams get lost", {
    timeout: 300_000,
  }, () => {
    const crowd = new Crowd(20_240_711, 1000, 5);
    const { network } = crowd;
    const torrents = Array.from({ length: 100 }, () => ({
      infoHash: randomBytes(network.random, 20),
      peer: crowd.any,
    }));
    for (const { infoHash, peer } of torrents) crowd.announce(peer, infoHash);
    network.run(30 * SECOND);

    crowd.churn(200, new Set(torrents.map(({ peer }) => peer)), 20 * SECOND);

    const results = torrents.map(({ infoHash, peer }) => crowd.search(crowd.any, infoHash, peer.endpoint));
    network.run(30 * SECOND);
    const times = results.flatMap(({ foundAfter }) => foundAfter ?? []).sort((a, b) => a - b);
    expect(times.length).toBeGreaterThanOrEqual(99);
    expect(times[94]).toBeLessThan(30 * SECOND);
    expect(times[49]).toBeLessThan(5 * SECOND);
  });
});

/** Nodes of one attacker, each with an id of its choice next to a target, that know of nobody but each other. */
class Sybils {
  readonly contacts: readonly Contact[];
  announces = 0;

  constructor(network: DatagramNetwork, target: Uint8Array, count: number) {
    this.contacts = Array.from({ length: count }, () => {
      const { host, port } = network.address();
      return { id: randomIdSharing(target, 100 + randomBelow(network.random, 50), network.random), host, port };
    });
    for (const contact of this.contacts) {
      network.stations.set(formatEndpoint(contact), {
        received: (datagram, from) => {
          const query = decodeMessage(datagram);
          if (query.kind !== "query") return;
          if (query.question.method === "announce_peer") this.announces++;
          const sender = { id: contact.id, version: new Uint8Array(4), isReadOnly: false };
          const fields = { nodes: this.contacts.slice(0, 8), token: Uint8Array.of(1) };
          network.send(encodeAnswer(sender, query.transaction, from, fields), contact, from);
        },
      });
    }
  }
}

describe("nodes that chose their ids to be next to a torrent", () => {
  it("keep nobody from announcing to nodes whose ids are bound to their addresses, nor from finding there", {
    timeout: 120_000,
  }, () => {
    const crowd = new Crowd(42, 200, 0);
    const { network } = crowd;
    const infoHash = randomBytes(network.random, 20);
    const sybils = new Sybils(network, infoHash, 60);
    expect(sybils.contacts.filter(({ host, id }) => mayHaveId(host, id))).toEqual([]);
    for (const node of crowd.nodes) {
      for (let i = 0; i < 10; i++) {
        node.dht.addNode(sybils.contacts[randomBelow(network.random, sybils.contacts.length)] as Contact);
      }
    }
    network.run(60 * SECOND);
    // Our nodes' ids are bound by now: they were told their addresses.
    for (const { dht } of crowd.nodes) expect(dht.view(network.clock.now).families[0]?.isProper).toBe(true);

    const peer = crowd.any;
    crowd.announce(peer, infoHash);
    network.run(20 * SECOND);
    expect(sybils.announces).toBeGreaterThan(0);
    const results = Array.from({ length: 50 }, () => crowd.search(crowd.any, infoHash, peer.endpoint));
    network.run(20 * SECOND);
    expect(results.filter(({ foundAfter }) => foundAfter === undefined)).toEqual([]);
  });

  it("take no place from those in a table, and make way for them", () => {
    const crowd = new Crowd(43, 60, 0);
    const { network } = crowd;
    const victim = crowd.any;
    network.run(60 * SECOND);
    const proper = () =>
      victim.dht.view(network.clock.now).families[0]?.buckets.reduce((sum, bucket) => sum + bucket.proper, 0) ?? 0;
    const before = proper();
    const own = Uint8Array.from(Buffer.from(victim.dht.view(0).families[0]?.id ?? "", "hex"));
    const sybils = new Sybils(network, own, 200);
    for (const contact of sybils.contacts) {
      victim.dht.addNode(contact);
      network.run(SECOND);
    }
    expect(proper()).toBeGreaterThanOrEqual(before);
  });
});
