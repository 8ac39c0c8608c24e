import { describe, expect, test } from "vitest";
import { MIB } from "../../../core/model/units.ts";
import { MetadataFetch, type MetadataOutcome } from "../../../core/swarm/metadata-fetch.ts";
import { METADATA_PART } from "../../../core/wire/metadata-message.ts";

/** What the info hash of these bytes says of others. */
const isInfo = (info: Uint8Array) => (bytes: Uint8Array) => Buffer.compare(info, bytes) === 0;

/** Metadata of so many parts, the last a byte shorter. */
const info = (parts: number): Uint8Array =>
  Uint8Array.from({ length: parts * METADATA_PART - 1 }, (_, at) => at * 31 + (at >> 14));

const partOf = (whole: Uint8Array, part: number): Uint8Array =>
  whole.subarray(part * METADATA_PART, (part + 1) * METADATA_PART);

/** The peer answers all that it is asked, from `whole`. @returns What the last answer led to. */
function answer(fetch: MetadataFetch, peer: number, asked: readonly number[], whole: Uint8Array): MetadataOutcome {
  let outcome: MetadataOutcome = { kind: "unasked" };
  for (const part of asked) outcome = fetch.received(peer, part, whole.length, partOf(whole, part));
  return outcome;
}

describe("the metadata of a magnet link", () => {
  test("comes in parts from several peers, each part asked for once", () => {
    const whole = info(12);
    const fetch = new MetadataFetch(isInfo(whole));
    for (const peer of [1, 2]) fetch.offered(peer, whole.length);
    const first = fetch.ask(1, 0);
    const second = fetch.ask(2, 0);
    expect(first).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(second).toEqual([8, 9, 10, 11]);
    expect(fetch.ask(2, 100)).toEqual([]);
    expect(answer(fetch, 1, first, whole).kind).toBe("more");
    expect(fetch.progress).toEqual({ received: 8 * METADATA_PART, size: whole.length });
    expect(answer(fetch, 2, second, whole)).toEqual({ kind: "complete", info: whole });
  });

  test("is asked of another when one is late, and who is late again and again is named", () => {
    const whole = info(1);
    const fetch = new MetadataFetch(isInfo(whole));
    for (const peer of [1, 2]) fetch.offered(peer, whole.length);
    expect(fetch.ask(1, 0)).toEqual([0]);
    expect(fetch.ask(2, 1000)).toEqual([]);
    expect(fetch.ask(2, 1500)).toEqual([0]);
    expect(fetch.expire(8000)).toEqual([]);
    expect(fetch.ask(1, 8000)).toEqual([]);
    let now = 8000;
    const named: number[] = [];
    while (named.length === 0 && now < 100_000) {
      now += 1000;
      fetch.ask(1, now);
      named.push(...fetch.expire(now));
    }
    expect(named).toEqual([1]);
  });

  test("is asked of others first after a reject", () => {
    const whole = info(1);
    const fetch = new MetadataFetch(isInfo(whole));
    fetch.offered(1, whole.length);
    expect(fetch.ask(1, 0)).toEqual([0]);
    fetch.rejected(1, 0, 100);
    expect(fetch.ask(1, 10_000)).toEqual([]);
    expect(fetch.ask(1, 10_100)).toEqual([0]);
  });

  test("comes although one of two lies, and the liar is named", () => {
    const whole = info(10);
    const wrong = new Uint8Array(whole.length);
    const fetch = new MetadataFetch(isInfo(whole));
    for (const peer of [1, 2]) fetch.offered(peer, whole.length);
    const asked = [fetch.ask(1, 0), fetch.ask(2, 0)] as const;
    expect(answer(fetch, 1, asked[0], wrong).kind).toBe("more");
    // Nobody can tell yet which of the two it was.
    expect(answer(fetch, 2, asked[1], whole)).toEqual({ kind: "failed", liars: [] });
    let outcome: MetadataOutcome = { kind: "more" };
    while (outcome.kind === "more") outcome = answer(fetch, 1, fetch.ask(1, 10), wrong);
    expect(outcome).toEqual({ kind: "failed", liars: [1] });
    expect(fetch.ask(1, 20_000)).toEqual([]);
    outcome = { kind: "more" };
    while (outcome.kind === "more") outcome = answer(fetch, 2, fetch.ask(2, 20), whole);
    expect(outcome).toEqual({ kind: "complete", info: whole });
  });

  test("is not held up by who names another size", () => {
    const whole = info(2);
    const fetch = new MetadataFetch(isInfo(whole));
    fetch.offered(1, whole.length - 5);
    fetch.offered(2, whole.length);
    expect(fetch.ask(1, 0)).toEqual([0, 1]);
    expect(fetch.ask(2, 0)).toEqual([0, 1]);
    expect(fetch.received(1, 0, whole.length, partOf(whole, 0)).kind).toBe("unasked");
    expect(answer(fetch, 2, [0, 1], whole).kind).toBe("complete");
  });

  test("is not held up by many who each name a size of their own, and stay", () => {
    const whole = info(2);
    const fetch = new MetadataFetch(isInfo(whole));
    for (let peer = 1; peer <= 20; peer++) {
      fetch.offered(peer, whole.length + peer);
      expect(fetch.ask(peer, 0)).not.toEqual([]);
    }
    fetch.offered(99, whole.length);
    expect(answer(fetch, 99, fetch.ask(99, 0), whole).kind).toBe("complete");
  });

  test("is of the size that a peer named first: it gains nothing by naming others", () => {
    const whole = info(1);
    const fetch = new MetadataFetch(isInfo(whole));
    fetch.offered(1, whole.length);
    expect(fetch.ask(1, 0)).toEqual([0]);
    fetch.offered(1, whole.length + 1);
    expect(fetch.ask(1, 0)).toEqual([]);
    expect(answer(fetch, 1, [0], whole).kind).toBe("complete");
  });

  test("is forgotten with the last peer that names its size, not before", () => {
    const whole = info(2);
    const fetch = new MetadataFetch(isInfo(whole));
    for (const peer of [1, 2]) fetch.offered(peer, whole.length);
    answer(fetch, 1, fetch.ask(1, 0).slice(0, 1), whole);
    fetch.gone(1);
    expect(fetch.progress.received).toBe(METADATA_PART);
    fetch.gone(2);
    expect(fetch.progress).toEqual({ received: 0, size: 0 });
  });

  test("takes up 60 MiB at most: of many copies the one that lacks most is given up", () => {
    const whole = info(3);
    const part = new Uint8Array(METADATA_PART);
    const fetch = new MetadataFetch(isInfo(whole));
    const give = (peer: number, size: number, parts: number) => {
      for (let given = 0; given < parts; ) {
        for (const asked of fetch.ask(peer, 0)) {
          if (given++ < parts) fetch.received(peer, asked, size, part);
          else fetch.rejected(peer, asked, Number.NEGATIVE_INFINITY);
        }
      }
    };
    fetch.offered(9, whole.length);
    const honest = fetch.ask(9, 0);
    answer(fetch, 9, honest.slice(0, 2), whole);
    const sizes = [30 * MIB, 30 * MIB - 1, 30 * MIB - 2];
    sizes.forEach((size, pair) => {
      for (const peer of [2 * pair + 20, 2 * pair + 21]) fetch.offered(peer, size);
    });
    give(20, 30 * MIB, 1900);
    give(22, 30 * MIB - 1, 1910);
    expect(fetch.progress.received).toBe(1910 * METADATA_PART);
    give(24, 30 * MIB - 2, 25);
    expect(fetch.ask(25, 10_000)[0]).toBeGreaterThanOrEqual(25);
    give(24, 30 * MIB - 2, 5);
    fetch.offered(26, 30 * MIB - 2);
    expect(fetch.ask(26, 20_000)[0]).toBe(0);
    expect(answer(fetch, 9, honest.slice(2), whole).kind).toBe("complete");
  });

  test("of more than 8 MiB is asked for when two peers name the same size, of more than 30 never", () => {
    const fetch = new MetadataFetch(() => false);
    fetch.offered(1, 9 * MIB);
    expect(fetch.ask(1, 0)).toEqual([]);
    fetch.offered(2, 9 * MIB);
    expect(fetch.ask(1, 0)).toHaveLength(8);
    for (const peer of [3, 4]) fetch.offered(peer, 30 * MIB + 1);
    expect(fetch.ask(3, 0)).toEqual([]);
  });

  test("that nobody asked for is not taken", () => {
    const whole = info(1);
    const fetch = new MetadataFetch(isInfo(whole));
    fetch.offered(1, whole.length);
    expect(answer(fetch, 1, [0], whole).kind).toBe("unasked");
    expect(answer(fetch, 2, [0], whole).kind).toBe("unasked");
    expect(fetch.progress).toEqual({ received: 0, size: whole.length });
  });
});
