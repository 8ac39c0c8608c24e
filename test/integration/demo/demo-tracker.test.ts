import { afterEach, beforeEach, expect, test } from "vitest";
import { announceUrl, scrapeUrl } from "../../../core/discovery/announce-url.ts";
import { parseAnnounceAnswer, parseScrapeAnswer } from "../../../core/discovery/tracker-answer.ts";
import { type DemoTracker, type SeenAnnounce, startDemoTracker } from "../../../core/host/demo/demo-tracker.ts";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";

const infoHash = Uint8Array.from({ length: 20 }, (_, i) => 255 - 12 * i);
const idOf = (name: string) => fromLatin1(`-XX0001-${name.padEnd(12, "0")}`);
const seen: SeenAnnounce[] = [];
let tracker: DemoTracker;

beforeEach(async () => {
  seen.length = 0;
  tracker = await startDemoTracker({ onAnnounce: (announce) => seen.push(announce) });
});
afterEach(() => tracker.close());

async function announce(name: string, port: number, left: number, event?: "started" | "completed" | "stopped") {
  const url = announceUrl(tracker.url, {
    infoHash,
    peerId: idOf(name),
    key: name,
    port,
    uploaded: 1,
    downloaded: 2,
    left,
    numwant: 50,
    ...(event === undefined ? {} : { event }),
  });
  return ask(url);
}

async function ask(url: string) {
  const result = await askTracker({ url, tracker: tracker.url });
  if (!result.ok) throw new Error(result.fault);
  return parseAnnounceAnswer(result.body);
}

test("members learn of each other until they stop", async () => {
  expect(await announce("a", 1001, 0, "started")).toMatchObject({ ok: true, answer: { peers: [], seeds: 1 } });
  expect(await announce("b", 1002, 500, "started")).toMatchObject({
    ok: true,
    answer: { peers: [{ host: "127.0.0.1", port: 1001 }], seeds: 1, leechers: 1, interval: 60_000 },
  });
  await announce("a", 1001, 0, "stopped");
  expect(await announce("b", 1002, 0, "completed")).toMatchObject({ ok: true, answer: { peers: [], seeds: 1 } });
  expect(seen.map(({ event, left }) => [event, left])).toEqual([
    ["started", 0],
    ["started", 500],
    ["stopped", 0],
    ["completed", 0],
  ]);
  expect(seen[0]).toMatchObject({ peerId: idOf("a"), endpoint: { host: "127.0.0.1", port: 1001 }, uploaded: 1 });
  const scrape = await askTracker({ url: scrapeUrl(tracker.url, infoHash) ?? "", tracker: tracker.url });
  expect(scrape.ok && parseScrapeAnswer(scrape.body, infoHash)).toMatchObject({
    ok: true,
    scrape: { seeds: 1, leechers: 0, downloads: 1 },
  });
});

test("who is registered is given like who announced, unless it can't be reached", async () => {
  tracker.register(infoHash, { endpoint: { host: "127.0.0.7", port: 7 }, isSeed: true });
  tracker.register(infoHash, { endpoint: { host: "127.0.0.8", port: 8 }, isSeed: false, isUnreachable: true });
  expect(await announce("a", 1001, 5)).toMatchObject({
    ok: true,
    answer: { peers: [{ host: "127.0.0.7", port: 7 }], seeds: 1, leechers: 2 },
  });
  tracker.unregister(infoHash, { host: "127.0.0.7", port: 7 });
  expect(await announce("a", 1001, 5)).toMatchObject({ ok: true, answer: { peers: [], seeds: 0 } });
});

test("the dictionary form carries peer ids", async () => {
  await announce("a", 1001, 0, "started");
  const url = `${tracker.url}?info_hash=${"%00".repeat(20)}&peer_id=${"b".repeat(20)}&port=9&left=1&compact=0`;
  expect(await ask(url)).toMatchObject({ ok: true, answer: { peers: [] } });
  await announce("c", 1003, 1, "started");
  const both = await ask(announceUrlOf("d").replace("compact=1", "compact=0"));
  expect(both.ok && both.answer.peers.map((peer) => peer.peerId)).toEqual([idOf("a"), idOf("c")]);
});

const announceUrlOf = (name: string) =>
  announceUrl(tracker.url, {
    infoHash,
    peerId: idOf(name),
    key: "",
    port: 1004,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    numwant: 50,
  });

test.each([
  ["info_hash=short&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1", "info_hash of 5 bytes, 20 expected"],
  ["info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=x&port=1", "peer_id of 1 bytes, 20 expected"],
  ["info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa", "port is missing"],
])("an announce with %s is refused in words", async (query, fault) => {
  expect(await ask(`${tracker.url}?${query}`)).toEqual({ ok: false, fault });
});
