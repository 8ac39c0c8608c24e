import { describe, expect, it, test } from "vitest";
import { BloomFilter } from "../../../core/dht/bloom-filter.ts";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { answerOf, LoneDht, name } from "./lone-dht.ts";

const STRANGER: Endpoint = { host: "80.10.20.30", port: 6881 };
const TORRENT = name(0x77);
const GET_PEERS = { method: "get_peers", infoHash: TORRENT, noSeeds: false, scrape: false } as const;

/** Announces `from` as a client does. @returns What we said to it. */
function announce(lone: LoneDht, from: Endpoint, { isSeed = false, port = 0, infoHash = TORRENT } = {}) {
  // Answers to all together are few a second.
  lone.wait(100);
  const token = answerOf(lone.ask(from, { ...GET_PEERS, infoHash })).token as Uint8Array;
  return lone.ask(from, { method: "announce_peer", infoHash, token, port, impliedPort: port === 0, isSeed });
}

describe("questions of others", () => {
  test("a ping is answered with our id, and the address it came from", () => {
    const lone = new LoneDht();
    const answer = answerOf(lone.ask(STRANGER, { method: "ping" }));
    expect(Buffer.from(answer.id).toString("hex")).toBe(lone.view.families[0]?.id);
    expect(answer.ourAddress).toEqual(STRANGER);
    expect(answer.transaction).toEqual(Uint8Array.of(7, 7));
  });

  test("who announced itself is given to the next who asks, by the port it comes from or the one it names", () => {
    const lone = new LoneDht();
    expect(announce(lone, STRANGER)[0]?.message.kind).toBe("answer");
    announce(lone, { host: "80.99.20.30", port: 1000 }, { port: 2000 });
    const { peers } = answerOf(lone.ask({ host: "81.0.0.1", port: 5 }, GET_PEERS));
    expect(peers).toHaveLength(2);
    expect(peers).toEqual(expect.arrayContaining([STRANGER, { host: "80.99.20.30", port: 2000 }]));
  });

  test("one address has one place, whatever ports it names", () => {
    const lone = new LoneDht();
    for (const port of [1, 2, 3]) announce(lone, STRANGER, { port });
    expect(lone.view.stored).toEqual({ torrents: 1, peers: 1 });
    expect(answerOf(lone.ask(STRANGER, GET_PEERS)).peers).toEqual([{ host: STRANGER.host, port: 3 }]);
  });

  test("peers are forgotten after half an hour", () => {
    const lone = new LoneDht();
    announce(lone, STRANGER);
    lone.wait(29 * 60_000);
    expect(lone.view.stored.peers).toBe(1);
    lone.wait(2 * 60_000);
    expect(lone.view.stored).toEqual({ torrents: 0, peers: 0 });
  });

  test("a token is good for its address and its torrent alone, for five to ten minutes", () => {
    const lone = new LoneDht();
    const token = answerOf(lone.ask(STRANGER, GET_PEERS)).token as Uint8Array;
    const question = { method: "announce_peer", token, port: 0, impliedPort: true, isSeed: false } as const;
    const refused = (from: Endpoint, infoHash: Uint8Array) =>
      lone.ask(from, { ...question, infoHash })[0]?.message.kind === "refusal";
    expect(refused({ host: "80.10.20.31", port: 6881 }, TORRENT)).toBe(true);
    expect(refused(STRANGER, name(0x78))).toBe(true);
    lone.wait(4 * 60_000);
    expect(refused(STRANGER, TORRENT)).toBe(false);
    lone.wait(7 * 60_000);
    expect(refused(STRANGER, TORRENT)).toBe(true);
    expect(lone.ask(STRANGER, { ...question, infoHash: TORRENT })[0]?.message).toMatchObject({
      code: 203,
      words: "bad token",
    });
  });

  test("info hashes are sampled for whoever collects them, though there are none (BEP 51)", () => {
    const lone = new LoneDht();
    const question = { method: "sample_infohashes", target: name(1) } as const;
    expect(Buffer.from(lone.ask(STRANGER, question)[0]?.bytes ?? []).toString("latin1")).toContain(
      "3:numi0e7:samples0:",
    );
    announce(lone, STRANGER);
    const bytes = Buffer.from(lone.ask(STRANGER, question)[0]?.bytes ?? []).toString("latin1");
    expect(bytes).toContain(`3:numi1e7:samples20:${Buffer.from(TORRENT).toString("latin1")}`);
    expect(bytes).toContain("8:intervali21600e");
  });

  test("seeds and others are counted apart, for one whose address is known to be its own (BEP 33)", () => {
    const lone = new LoneDht();
    const scrape = { ...GET_PEERS, scrape: true };
    for (let i = 0; i < 30; i++) announce(lone, { host: `80.${i}.1.1`, port: 1 }, { isSeed: i < 10 });
    expect(answerOf(lone.ask(STRANGER, scrape)).seedFilter).toBeUndefined();
    lone.meet(STRANGER, name(0xaa));
    const answer = answerOf(lone.ask(STRANGER, scrape));
    expect(new BloomFilter(Uint8Array.from(answer.seedFilter ?? [])).estimate).toBeCloseTo(10, 0);
    expect(new BloomFilter(Uint8Array.from(answer.peerFilter ?? [])).estimate).toBeCloseTo(20, 0);
    const { peers } = answerOf(lone.ask(STRANGER, { ...GET_PEERS, noSeeds: true }));
    expect(peers).toHaveLength(20);
  });

  test("nodes of both families go to one who wants both (BEP 32)", () => {
    const lone = new LoneDht(["ipv4", "ipv6"]);
    lone.meet({ host: "90.1.2.3", port: 1 }, name(1));
    lone.meet({ host: "2a00:1:2:3::1", port: 2 }, name(2));
    const hosts = (want: readonly ("ipv4" | "ipv6")[] | undefined, from: Endpoint) =>
      answerOf(
        lone.ask(from, { method: "find_node", target: name(0) }, undefined, want === undefined ? {} : { want }),
      ).nodes.map(({ host }) => host);
    expect(hosts(undefined, STRANGER)).toEqual(["90.1.2.3"]);
    expect(hosts(["ipv6"], STRANGER)).toEqual(["2a00:1:2:3::1"]);
    expect(hosts(["ipv4", "ipv6"], STRANGER)).toEqual(["90.1.2.3", "2a00:1:2:3::1"]);
    expect(hosts(undefined, { host: "2a00:9::9", port: 3 })).toEqual(["2a00:1:2:3::1"]);
  });

  it.for([
    ["a method nobody knows", "d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", 204],
    ["a query with a short id", "d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe", 203],
  ] as const)("%s is refused in words", ([, datagram, code]) => {
    const lone = new LoneDht();
    expect(lone.receive(fromLatin1(datagram), STRANGER)[0]?.message).toMatchObject({ kind: "refusal", code });
    expect(lone.view.traffic.malformed).toBe(1);
  });

  it.for(["", "d", "le", "d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re", "d1:eli201e1:xe1:t2:aa1:y1:ee"])(
    "%j is answered with nothing: nobody asked for it",
    (datagram) => {
      const lone = new LoneDht();
      expect(lone.receive(fromLatin1(datagram), STRANGER)).toEqual([]);
      lone.wait(5_000);
      expect(lone.view.families[0]?.nodes).toBe(0);
    },
  );

  test("we don't speak to ourselves, nor to port 0, nor in a family that we have no socket for", () => {
    const lone = new LoneDht();
    const own = Uint8Array.from(Buffer.from(lone.view.families[0]?.id ?? "", "hex"));
    expect(lone.ask(STRANGER, { method: "ping" }, own)).toEqual([]);
    expect(lone.ask({ host: "80.10.20.30", port: 0 }, { method: "ping" })).toEqual([]);
    expect(lone.ask({ host: "2a00::1", port: 5 }, { method: "ping" })).toEqual([]);
  });
});

describe("what could be turned against others", () => {
  test("an answer to an address that may be forged is at most three times the question", () => {
    const lone = new LoneDht(["ipv4", "ipv6"]);
    for (let i = 0; i < 60; i++) lone.meet({ host: `90.${i}.2.3`, port: 1 }, name(i * 4, i));
    for (let i = 0; i < 60; i++) announce(lone, { host: `80.${i}.1.1`, port: 1 });
    lone.wait(60_000);
    const questions = [
      { method: "ping" },
      { method: "find_node", target: name(5) },
      GET_PEERS,
      { ...GET_PEERS, scrape: true },
      { method: "sample_infohashes", target: name(5) },
    ] as const;
    questions.forEach((question, at) => {
      const from = { host: `70.${at}.0.1`, port: 9 };
      const before = lone.view.traffic.bytesIn;
      const [sent] = lone.ask(from, question, undefined, { want: ["ipv4", "ipv6"] });
      const length = lone.view.traffic.bytesIn - before;
      expect(sent?.bytes.length).toBeGreaterThan(0);
      expect(sent?.bytes.length).toBeLessThanOrEqual(3 * length);
    });
  });

  test("it still names the closest nodes, and some peers: enough for a search to go on", () => {
    const lone = new LoneDht();
    for (let i = 0; i < 40; i++) lone.meet({ host: `90.${i}.2.3`, port: 1 }, name(i * 4, i));
    lone.wait(60_000);
    expect(answerOf(lone.ask(STRANGER, { method: "find_node", target: name(5) })).nodes.length).toBeGreaterThanOrEqual(
      7,
    );
    for (let i = 0; i < 20; i++) announce(lone, { host: `80.${i}.1.1`, port: 1 });
    lone.wait(60_000);
    const answer = answerOf(lone.ask({ host: "70.1.1.1", port: 4 }, GET_PEERS));
    expect(answer.token).toBeDefined();
    expect(answer.nodes.length).toBeGreaterThanOrEqual(4);
    expect(answer.peers.length).toBeGreaterThanOrEqual(8);
  });

  test("even who has proved its address gets no answer that a path would break", () => {
    const lone = new LoneDht();
    lone.meet(STRANGER, name(0xaa));
    for (let i = 0; i < 300; i++) {
      announce(lone, { host: `80.${i % 250}.${Math.floor(i / 250)}.1`, port: 1 });
      lone.wait(500);
    }
    const [sent] = lone.ask(STRANGER, { ...GET_PEERS, scrape: true });
    expect(sent?.bytes.length).toBeGreaterThan(1000);
    expect(sent?.bytes.length).toBeLessThanOrEqual(1200);
  });

  test("an address that sends more than five messages a second is not heard for five minutes", () => {
    const lone = new LoneDht();
    const answers = Array.from({ length: 60 }, () => lone.ask(STRANGER, { method: "ping" }).length);
    expect(answers.filter((count) => count > 0)).toHaveLength(50);
    expect(lone.view.silenced).toBe(1);
    lone.wait(4.9 * 60_000);
    expect(lone.ask(STRANGER, { method: "ping" })).toEqual([]);
    expect(lone.ask({ host: "80.10.20.30", port: 7 }, { method: "ping" })).toEqual([]);
    expect(lone.ask({ host: "80.10.20.31", port: 7 }, { method: "ping" })).toHaveLength(1);
    lone.wait(0.2 * 60_000);
    expect(lone.ask(STRANGER, { method: "ping" })).toHaveLength(1);
  });

  test("five messages a second are heard for as long as they come", () => {
    const lone = new LoneDht();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 5; i++) expect(lone.ask(STRANGER, { method: "ping" })).toHaveLength(1);
      lone.wait(1000);
    }
  });

  test("a flood from many addresses is answered with 8 kB a second in all", () => {
    const lone = new LoneDht();
    lone.wait(10_000);
    const before = lone.view.traffic.bytesOut;
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 500; i++) {
        lone.ask({ host: `70.${i % 250}.${second}.${i < 250 ? 1 : 2}`, port: 9 }, { method: "ping" });
      }
      // Not waited for: what is asked meanwhile is no answer.
      lone.now += 1000;
    }
    expect(lone.view.traffic.bytesOut - before).toBeLessThanOrEqual(11 * 8000);
    expect(lone.view.traffic.dropped).toBeGreaterThan(3000);
  });

  test("strangers who ask are asked back, one a second of them all, and once more when nothing comes", () => {
    const lone = new LoneDht();
    for (let i = 0; i < 40; i++) lone.meet({ host: `90.${i}.2.3`, port: 1 }, name(i * 4, i));
    lone.wait(60_000);
    for (let i = 0; i < 200; i++) lone.ask({ host: `70.${i}.0.1`, port: 9 }, { method: "ping" }, name(i, 1));
    lone.taken();
    lone.wait(10_000);
    expect(lone.taken().filter(({ to }) => to.host.startsWith("70.")).length).toBeLessThanOrEqual(22);
  });
});
