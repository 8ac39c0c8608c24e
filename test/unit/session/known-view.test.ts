import { expect, test } from "vitest";
import { KNOWN_PEERS } from "../../../core/contract/views.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { KnownTeller } from "../../../core/session/known-view.ts";
import { type KnownPeer, PeerBook } from "../../../core/swarm/peer-book.ts";

const endpoint = (n: number): Endpoint => ({ host: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, port: 6881 });
const refused = (at: number) =>
  ({ reason: "connect-failed", code: -200, by: "network", detail: "connection refused", at }) as const;

function torrent() {
  const bans = new Set<string>();
  const book = new PeerBook({ blocks: () => false, bans, ownAddress: { epoch: 0, priorityOf: () => undefined } });
  const learn = (n: number) => book.add(endpoint(n), { kind: "dht" }) as KnownPeer;
  return { swarm: { book, limits: { bans } }, bans, book, learn };
}

const teller = () => new KnownTeller((host) => (host === endpoint(1).host ? "NO" : undefined));

test("a candidate is told with its exact failure, its next try and its country, then what changed of it alone", () => {
  const it = torrent();
  const peer = it.learn(1);
  const telling = teller();
  expect(telling.update(it, 0)).toEqual({
    reset: true,
    changed: [
      {
        key: "10.0.0.1:6881",
        set: { host: "10.0.0.1", port: 6881, country: "NO", sources: [{ kind: "dht" }], failures: 0, nextTry: 0 },
      },
    ],
    removed: [],
  });
  it.book.connecting(peer);
  it.book.failed(peer, 5000);
  peer.lastEnd = refused(5000);
  expect(telling.update(it, 5000)?.changed).toEqual([
    { key: "10.0.0.1:6881", set: { failures: 1, nextTry: 25_000, lastEnd: refused(5000) } },
  ]);
  expect(telling.update(it, 7000)).toBeUndefined();
});

test("who is connected is none, and is one again when it left", () => {
  const it = torrent();
  const peer = it.learn(1);
  const telling = teller();
  telling.update(it, 0);
  it.book.connecting(peer);
  expect(telling.update(it, 1000)).toEqual({ reset: false, changed: [], removed: ["10.0.0.1:6881"] });
  it.book.left(peer, 1500);
  expect(telling.update(it, 2000)?.changed).toHaveLength(1);
});

test("what keeps a peer from being dialled is told: it is ourselves, or banned", () => {
  const it = torrent();
  it.book.bar(it.learn(1));
  it.bans.add(it.learn(2).party);
  expect(
    teller()
      .update(it, 0)
      ?.changed.map(({ set }) => set.hindrance),
  ).toEqual(["self", "banned"]);
});

test("it follows once a second", () => {
  const it = torrent();
  const telling = teller();
  telling.update(it, 0);
  it.learn(1);
  expect(telling.update(it, 999)).toBeUndefined();
  expect(telling.update(it, 1000)?.changed).toHaveLength(1);
});

test("of more than anybody reads, those tried last and then the newest are told", () => {
  const it = torrent();
  it.learn(1).lastEnd = refused(10);
  it.learn(2).lastEnd = refused(20);
  for (let n = 3; n <= KNOWN_PEERS + 2; n++) it.learn(n);
  const keys = teller()
    .update(it, 0)
    ?.changed.map(({ key }) => key);
  expect(keys).toHaveLength(KNOWN_PEERS);
  expect(keys?.slice(0, 3)).toEqual(["10.0.0.2:6881", "10.0.0.1:6881", `${endpoint(KNOWN_PEERS + 2).host}:6881`]);
  expect(keys).not.toContain("10.0.0.3:6881");
});
