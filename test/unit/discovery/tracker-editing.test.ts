import { describe, expect, test } from "vitest";
import { type AnnounceOrder, Announcer } from "../../../core/discovery/announcer.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import { seededRandom } from "../../../core/model/random.ts";

const totals = { port: 6881, uploaded: 0, downloaded: 0, left: 1000, numwant: 50 };
const START = 1_000_000;
const MINUTE = 60_000;
const [A, B, C, D] = ["a", "b", "c", "d"].map((name) => `http://${name}.example/announce`) as [
  string,
  string,
  string,
  string,
];

const answer = encodeBencode({ interval: 1800, "min interval": 300, peers: "" });

function started(...tiers: readonly (readonly string[])[]): Announcer {
  const one = new Announcer({
    tiers,
    random: seededRandom(1),
    infoHash: new Uint8Array(20),
    peerId: fromLatin1("-PS0100-abcdefghijkl"),
    key: "k",
  });
  one.start(START);
  return one;
}

/** Announces alone, e.g. `a started`: who was asked for figures does not matter here. */
const announcesOf = (orders: readonly AnnounceOrder[]) => orders.filter(({ kind }) => kind === "announce");
const brief = (orders: readonly AnnounceOrder[]) =>
  announcesOf(orders).map(({ tracker, event }) => `${new URL(tracker).hostname[0]} ${event ?? "again"}`);

/** Polls, and has everyone that is asked answer. */
function answered(one: Announcer, now: number): string[] {
  const orders = announcesOf(one.poll(now, totals));
  for (const order of orders) one.answered(order.id, answer, now);
  return brief(orders);
}

describe("a tracker that the user removes", () => {
  test("is told that we stopped, once, and the next one is asked in its place", () => {
    const one = started([A], [B]);
    expect(answered(one, START)).toEqual(["a started"]);
    expect(one.remove(A, START + 10)).toBe(true);
    expect(one.tiers()).toEqual([[B]]);
    expect(one.nextDeadline()).toBe(0);
    expect(answered(one, START + 10)).toEqual(["a stopped", "b started"]);
    expect(brief(one.poll(START + 20, totals))).toEqual([]);
  });

  test("is told nothing when it never knew us", () => {
    const one = started([A], [B]);
    expect(answered(one, START)).toEqual(["a started"]);
    one.remove(B, START + 10);
    expect(brief(one.poll(START + 10, totals))).toEqual([]);
    expect(one.nextDeadline()).toBe(START + 30 * MINUTE);
  });

  test("has no say any more when its answer comes late, and keeps nobody waiting", () => {
    const one = started([A], [B]);
    const [order] = one.poll(START, totals);
    one.remove(A, START + 10);
    expect(brief(one.poll(START + 10, totals))).toEqual(["a stopped", "b started"]);
    one.answered(order?.id ?? 0, answer, START + 20);
    expect(one.views().map(({ url, state }) => `${url} ${state}`)).toEqual([`${B} announcing`]);
  });

  test("may be the last one, and another may come later", () => {
    const one = started([A]);
    answered(one, START);
    one.remove(A, START + 10);
    expect(answered(one, START + 10)).toEqual(["a stopped"]);
    expect([one.nextDeadline(), one.tiers()]).toEqual([Number.POSITIVE_INFINITY, []]);
    one.merge([[C]]);
    expect(answered(one, START + 20)).toEqual(["c started"]);
  });

  test("is not found when it is not there", () => {
    expect(started([A]).remove(B, START)).toBe(false);
  });
});

describe("a tracker that the user changes", () => {
  test("keeps its tier, the new one is told that we started, and the old one that we stopped", () => {
    const one = started([A], [B], [C]);
    answered(one, START);
    expect(one.replace(B, D, START + 10)).toBe(true);
    expect(one.tiers()).toEqual([[A], [D], [C]]);
    expect(answered(one, START + 10)).toEqual(["d started"]);
    expect(one.replace(A, B, START + 20)).toBe(true);
    expect(answered(one, START + 20)).toEqual(["a stopped", "b started"]);
  });

  test("can't become one that is there already", () => {
    const one = started([A], [B]);
    expect(one.replace(A, B, START)).toBe(false);
    expect(one.replace(C, D, START)).toBe(false);
    expect(one.tiers()).toEqual([[A], [B]]);
  });

  test("waits for the start while the torrent is paused", () => {
    const one = started([A]);
    answered(one, START);
    one.stop(START + 10);
    expect(answered(one, START + 10)).toEqual(["a stopped"]);
    one.replace(A, B, START + 20);
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    one.start(START + 30);
    expect(answered(one, START + 30)).toEqual(["b started"]);
  });
});

describe("one tracker that the user wants asked", () => {
  test("is asked beside the others, though another one works", () => {
    const one = started([A], [B]);
    answered(one, START);
    one.announceTo(B);
    expect(one.views()[1]?.nextAnnounceAt).toBeDefined();
    expect(answered(one, START + 10)).toEqual(["b started"]);
    expect(brief(one.poll(START + 20, totals))).toEqual([]);
  });

  test("is asked again only after the interval that it set itself", () => {
    const one = started([A]);
    answered(one, START);
    one.announceTo(A);
    expect(one.views()[0]?.nextAnnounceAt).toBe(START + 5 * MINUTE);
    expect(answered(one, START + 5 * MINUTE - 1)).toEqual([]);
    expect(answered(one, START + 5 * MINUTE)).toEqual(["a again"]);
  });

  test("is asked soon after a failure", () => {
    const one = started([A]);
    for (const at of [START, START + 15_000]) {
      const [order] = one.poll(at, totals);
      one.failed(order?.id ?? 0, "connection refused", at);
    }
    one.announceTo(A);
    expect(one.views()[0]?.nextAnnounceAt).toBe(START + 30_000);
  });

  test("is not asked while the torrent is paused, nor when it speaks what we don't", () => {
    const one = started([A], ["wss://b.example/announce"]);
    one.announceTo("wss://b.example/announce");
    answered(one, START);
    one.stop(START + 10);
    answered(one, START + 10);
    one.announceTo(A);
    expect(brief(one.poll(START + 10 * MINUTE, totals))).toEqual([]);
  });
});
