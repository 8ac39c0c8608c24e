import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { type KnownPeer, MAX_KNOWN_PEERS, PeerBook } from "../../../core/swarm/peer-book.ts";

const endpoint = (n: number) => ({ host: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, port: 6881 });
const TRACKER = { kind: "tracker", tracker: "http://a.test/" } as const;
const MINUTE = 60_000;

/** A session that knows nothing of anybody, and not its own address. */
const standing = () => ({
  blocks: (_: string): boolean => false,
  bans: new Set<string>(),
  ownAddress: { epoch: 0, priorityOf: (_: Endpoint): number | undefined => undefined },
});
const learn = (book: PeerBook, n: number) => book.add(endpoint(n), TRACKER) as KnownPeer;

describe("the peer book", () => {
  test("names each peer once, with every source it came from", () => {
    const book = new PeerBook(standing());
    const peer = learn(book, 1);
    learn(book, 1);
    book.add(endpoint(1), { kind: "tracker", tracker: "http://b.test/" });
    book.add(endpoint(1), { kind: "pex" });
    book.add(endpoint(1), { kind: "pex" });
    expect(book.size).toBe(1);
    expect(peer.sources).toEqual([TRACKER, { kind: "tracker", tracker: "http://b.test/" }, { kind: "pex" }]);
    expect(book.find(endpoint(1))).toBe(peer);
    expect(book.find(endpoint(2))).toBeUndefined();
  });

  test("gives nobody to dial, nor to keep, whom the address filter has, until another filter lets it go", () => {
    const session = standing();
    session.blocks = (host) => host === endpoint(1).host;
    const book = new PeerBook(session);
    learn(book, 1);
    expect(book.nextToDial(0)).toBeUndefined();
    expect(book.endpoints(10)).toEqual([]);
    learn(book, 2);
    session.blocks = (host) => host === endpoint(2).host;
    book.reviewBlocked();
    expect(book.nextToDial(0)?.endpoint).toEqual(endpoint(1));
    expect(book.endpoints(10)).toEqual([endpoint(1)]);
  });

  test("gives nobody to dial who is connected, barred, or was just dialled", () => {
    const book = new PeerBook(standing());
    const [connected, barred, failed, free] = [1, 2, 3, 4].map((n) => learn(book, n)) as KnownPeer[];
    book.connecting(connected as KnownPeer);
    book.bar(barred as KnownPeer);
    book.failed(failed as KnownPeer, 0);
    expect(book.nextToDial(0)).toBe(free);
    book.connecting(free as KnownPeer);
    expect(book.nextToDial(0)).toBeUndefined();
    expect(book.nextToDial(20_000)).toBe(failed);
  });

  test("waits twice as long after every failure, up to half an hour", () => {
    const book = new PeerBook(standing());
    const peer = learn(book, 1);
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      book.connecting(peer);
      book.failed(peer, 0);
      waits.push(peer.nextDial);
    }
    expect(waits.slice(0, 4)).toEqual([20_000, 40_000, 80_000, 160_000]);
    expect(waits.at(-1)).toBe(30 * MINUTE);
  });

  test("prefers who failed least", () => {
    const book = new PeerBook(standing());
    const [a, b] = [learn(book, 1), learn(book, 2)];
    book.failed(a, 0);
    book.failed(a, 0);
    book.failed(b, 0);
    expect(book.nextToDial(MINUTE)).toBe(b);
  });

  test("forgets failures once it went well, and dials at once whom the user names", () => {
    const book = new PeerBook(standing());
    const peer = learn(book, 1);
    book.failed(peer, 0);
    book.left(peer, 0);
    expect(peer.failures).toBe(0);
    expect(book.nextToDial(1)).toBeUndefined();
    book.add(endpoint(1), { kind: "user" });
    expect(book.nextToDial(1)).toBe(peer);
    // We knew of it: the user is not where we know it from.
    expect(peer.sources).toEqual([TRACKER]);
  });

  test("gives nobody to dial who is banned, whoever names it", () => {
    const session = standing();
    const book = new PeerBook(session);
    const peer = learn(book, 1);
    session.bans.add(peer.party);
    book.add(endpoint(1), { kind: "pex" });
    book.add(endpoint(1), { kind: "user" });
    expect(book.nextToDial(10 * MINUTE)).toBeUndefined();
    expect(book.endpoints(10)).toEqual([]);
    session.bans.delete(peer.party);
    expect(book.nextToDial(10 * MINUTE)).toBe(peer);
  });

  test("dials a banned peer at once when its ban is lifted", () => {
    const book = new PeerBook(standing());
    const peer = learn(book, 1);
    book.rest(peer, 0);
    expect(book.nextToDial(MINUTE)).toBeUndefined();
    book.forgive(peer.party);
    expect(book.nextToDial(MINUTE)).toBe(peer);
  });

  test("never dials ourselves again, but on the user's word", () => {
    const book = new PeerBook(standing());
    const peer = learn(book, 1);
    book.bar(peer);
    book.add(endpoint(1), { kind: "pex" });
    expect(book.nextToDial(10 * MINUTE)).toBeUndefined();
    book.add(endpoint(1), { kind: "user" });
    expect(book.nextToDial(10 * MINUTE)).toBe(peer);
  });

  test("among those that failed as often prefers the highest canonical priority, once our address is known", () => {
    const session = standing();
    session.ownAddress.priorityOf = ({ host }) => Number(host.split(".").at(-1)) % 10;
    const book = new PeerBook(session);
    const [first, low, high, failed] = [13, 11, 18, 19].map((n) => learn(book, n)) as [
      KnownPeer,
      KnownPeer,
      KnownPeer,
      KnownPeer,
    ];
    book.failed(failed, 0);
    expect(book.nextToDial(MINUTE)).toBe(first);
    session.ownAddress.epoch++;
    const order: KnownPeer[] = [];
    for (let next = book.nextToDial(MINUTE); next !== undefined; next = book.nextToDial(MINUTE)) {
      order.push(next);
      book.connecting(next);
    }
    expect(order).toEqual([high, first, low, failed]);
  });

  test("dials a global address twice, not more, until somebody answers there, however many sources push it", () => {
    const book = new PeerBook(standing());
    for (let port = 1; port <= 20; port++) {
      book.add({ host: "203.0.113.5", port }, { kind: "tracker", tracker: `http://${port}.test/` });
      book.add({ host: "203.0.113.5", port }, { kind: "pex" });
    }
    const dialAll = (now: number): KnownPeer[] => {
      const dialled: KnownPeer[] = [];
      for (let next = book.nextToDial(now); next !== undefined; next = book.nextToDial(now)) {
        book.connecting(next);
        dialled.push(next);
      }
      return dialled;
    };
    const first = dialAll(0);
    expect(first).toHaveLength(2);
    for (const peer of first) book.failed(peer, 0);
    expect(dialAll(19_999)).toHaveLength(0);
    const second = dialAll(20_000);
    expect(second).toHaveLength(2);
    book.answered(second[0] as KnownPeer);
    expect(dialAll(20_000)).toHaveLength(2);
  });

  test("dials all peers of a local address", () => {
    const book = new PeerBook(standing());
    for (let port = 1; port <= 5; port++) book.connecting(book.add({ host: "127.0.0.1", port }, TRACKER) as KnownPeer);
    expect(book.add({ host: "127.0.0.1", port: 6 }, TRACKER)).toBe(book.nextToDial(0));
  });

  test("is bounded, and lets the hopeless go for the new", () => {
    const book = new PeerBook(standing());
    for (let n = 0; n < MAX_KNOWN_PEERS; n++) learn(book, n);
    expect(book.add(endpoint(99_999), TRACKER)).toBeUndefined();
    const hopeless = book.find(endpoint(7)) as KnownPeer;
    for (let i = 0; i < 5; i++) book.failed(hopeless, 0);
    expect(book.add(endpoint(99_999), TRACKER)).toBeDefined();
    expect(book.find(endpoint(7))).toBeUndefined();
    expect(book.size).toBe(MAX_KNOWN_PEERS);
  });

  test("gives for keeping those that answered first, and none that is barred", () => {
    const book = new PeerBook(standing());
    const [dead, barred, live, fresh] = [1, 2, 3, 4].map((n) => learn(book, n)) as [
      KnownPeer,
      KnownPeer,
      KnownPeer,
      KnownPeer,
    ];
    book.failed(dead, 0);
    book.bar(barred);
    book.connecting(live);
    expect(book.endpoints(10)).toEqual([live, fresh, dead].map((peer) => peer.endpoint));
    expect(book.endpoints(1)).toEqual([live.endpoint]);
  });
});
