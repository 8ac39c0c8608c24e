import { describe, expect, test } from "vitest";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { RateMeter } from "../../../core/peer/rate-meter.ts";
import { MAX_REQUESTS, RequestWindow } from "../../../core/peer/request-window.ts";

const request = (piece: number, block: number, sentAt = 0) => ({ piece, block, length: BLOCK_LENGTH, sentAt });

/** A second at a steady rate. */
const adjust = (window: RequestWindow, rate: number, now: number) => window.adjust(rate, rate, now);

/**
 * A peer that delivers so many blocks a second after `delay` ms, asked as the window says.
 * @returns Blocks a second in the second half of the time.
 */
function drive(window: RequestWindow, blocksPerSecond: number, delay: number, seconds: number): number {
  const meter = new RateMeter(0);
  const queue: { due: number; block: number }[] = [];
  let next = 0;
  let busyUntil = 0;
  let delivered = 0;
  for (let now = 0; now < seconds * 1000; now += 5) {
    while (queue.length > 0 && (queue[0]?.due ?? 0) <= now) {
      const { block } = queue.shift() as { block: number };
      const answered = window.remove(0, block);
      if (answered !== undefined) window.answered(answered, now);
      meter.add(BLOCK_LENGTH);
      if (now >= seconds * 500) delivered++;
    }
    while (window.room > 0) {
      window.sent(request(0, next, now));
      busyUntil = Math.max(busyUntil, now + delay) + 1000 / blocksPerSecond;
      queue.push({ due: busyUntil, block: next++ });
    }
    if (now % 1000 === 0) {
      meter.sample(now);
      window.adjust(meter.rate, meter.latest, now);
    }
  }
  return delivered / (seconds / 2);
}

describe("the request window", () => {
  test("calls a request overdue after the usual time and four deviations, within 2 s and 60 s", () => {
    const window = new RequestWindow();
    expect(window.timeout).toBe(60_000);
    window.answered(request(0, 0, 0), 4000);
    // The mean is 4 s, its deviation half of that.
    expect(window.timeout).toBe(12_000);
    for (let i = 0; i < 100; i++) window.answered(request(0, 0, 0), 5000);
    expect(window.timeout).toBeGreaterThan(5000);
    expect(window.timeout).toBeLessThan(5100);
    for (let i = 0; i < 100; i++) window.answered(request(0, 0, 0), 30);
    expect(window.timeout).toBe(2000);
    for (let i = 0; i < 100; i++) window.answered(request(0, 0, 0), 90_000);
    expect(window.timeout).toBe(60_000);
  });

  test("keeps requests by piece and block", () => {
    const window = new RequestWindow();
    for (let block = 0; block < 4; block++) window.sent(request(1, block));
    expect(window.has(1, 2)).toBe(true);
    expect(window.has(2, 1)).toBe(false);
    expect(window.remove(1, 2)).toEqual(request(1, 2));
    expect(window.remove(1, 2)).toBeUndefined();
    expect(window.outstanding.map(({ block }) => block)).toEqual([0, 1, 3]);
    expect(window.clear()).toHaveLength(3);
    expect(window.outstanding).toHaveLength(0);
  });

  test("has no room past what the peer says it queues", () => {
    const window = new RequestWindow();
    window.peerLimit = 2;
    window.sent(request(0, 0));
    expect(window.room).toBe(1);
    window.sent(request(0, 1));
    expect(window.room).toBe(0);
  });

  test.each([
    [10, 20],
    [100, 5],
    [100, 100],
    [60, 400],
  ])("fills a line of %i blocks a second with a delay of %i ms", (rate, delay) => {
    const window = new RequestWindow();
    expect(drive(window, rate, delay, 20)).toBeGreaterThan(0.95 * rate);
  });

  test("asks no more of a slow peer than a few seconds of its work", () => {
    const window = new RequestWindow();
    drive(window, 5, 50, 60);
    expect(window.target).toBeLessThanOrEqual(15);
    expect(window.target).toBeGreaterThanOrEqual(4);
  });

  test("never asks for more than anybody queues", () => {
    const window = new RequestWindow();
    for (let i = 0; i < 2000; i++) window.answered(request(0, i), 1);
    expect(window.target).toBe(MAX_REQUESTS);
  });

  test("expects a block after those before it, and not sooner than the round trip", () => {
    const window = new RequestWindow();
    window.answered(request(0, 0, 0), 300);
    expect(window.expected(0, 300, 300)).toBeUndefined();
    adjust(window, 4 * BLOCK_LENGTH, 1000);
    expect(window.expected(0, 1000, 1000)).toBe(300);
    expect(window.expected(3, 1000, 1000)).toBe(1000);
    expect(window.expected(7, 1000, 1000)).toBe(2000);
  });

  test("expects nothing of a peer that is overdue", () => {
    const window = new RequestWindow();
    window.sent(request(0, 0, 0));
    adjust(window, BLOCK_LENGTH, 1000);
    expect(window.expected(0, 0, 2000)).toBe(1000);
    expect(window.expected(0, 0, 2001)).toBe(Number.POSITIVE_INFINITY);
    window.remove(0, 0);
    expect(window.expected(0, 2001, 2001)).toBe(1000);
  });

  test("thinks no less of a peer for the time that nothing was asked of it", () => {
    const window = new RequestWindow();
    for (let i = 0; i < 100; i++) window.answered(request(0, i, 0), 50);
    window.sent(request(0, 100, 0));
    for (let second = 1; second <= 3; second++) adjust(window, 100 * BLOCK_LENGTH, second * 1000);
    window.remove(0, 100);
    const { target } = window;
    expect(target).toBe(105);
    for (let second = 4; second <= 20; second++) adjust(window, 0, second * 1000);
    expect(window.target).toBe(target);
    window.sent(request(1, 0, 20_500));
    adjust(window, 0, 21_000);
    expect(window.target).toBe(target);
    // Five seconds of nothing while something was asked are another matter.
    adjust(window, 0, 25_500);
    expect(window.target).toBe(4);
  });

  test("grows by one a block until the rate does not grow, and no more by blocks after that", () => {
    const window = new RequestWindow();
    expect(window.target).toBe(4);
    window.sent(request(1, 0, 0));
    for (let second = 1; second <= 5; second++) {
      for (let i = 0; i < 10; i++) window.answered(request(0, i, 0), 100);
      adjust(window, 10 * second * BLOCK_LENGTH, second * 1000);
      expect(window.target).toBe(4 + 10 * second);
    }
    adjust(window, 50 * BLOCK_LENGTH, 6000);
    adjust(window, 50 * BLOCK_LENGTH, 7000);
    // What comes in one round trip, and in a second more.
    expect(window.target).toBe(55);
    window.answered(request(0, 0, 0), 100);
    expect(window.target).toBe(55);
  });

  test("ends its growth with that of the rate, though the mean of the last seconds still rises", () => {
    const window = new RequestWindow();
    window.sent(request(1, 0, 0));
    for (let second = 1; second <= 4; second++) {
      for (let i = 0; i < 100; i++) window.answered(request(0, i, 0), 100);
      window.adjust((1 - 0.5 / second) * 100 * BLOCK_LENGTH, 100 * BLOCK_LENGTH, second * 1000);
    }
    expect(window.target).toBeLessThanOrEqual(110);
  });

  test("ends its growth also where blocks are seconds apart", () => {
    const window = new RequestWindow();
    window.sent(request(1, 0, 0));
    for (let second = 1; second <= 60; second++) {
      const isThere = second % 4 === 0;
      if (isThere) window.answered(request(0, second, 0), 8000);
      window.adjust(BLOCK_LENGTH / 4, isThere ? BLOCK_LENGTH : 0, second * 1000);
    }
    expect(window.target).toBe(4);
  });

  test("goes on growing after a pause in which nothing was asked", () => {
    const window = new RequestWindow();
    for (let i = 0; i < 10; i++) window.answered(request(0, i, 0), 100);
    for (let second = 1; second <= 5; second++) adjust(window, BLOCK_LENGTH, second * 1000);
    window.answered(request(0, 10, 0), 100);
    expect(window.target).toBe(15);
  });

  test("asks for nothing while a wide window lacks less than a batch", () => {
    const window = new RequestWindow();
    for (let i = 0; i < 96; i++) window.answered(request(0, i, 0), 1);
    expect(window.target).toBe(100);
    for (let block = 0; block < 85; block++) window.sent(request(1, block));
    expect(window.room).toBe(0);
    window.remove(1, 0);
    expect(window.room).toBe(16);
  });

  test("knows the round trip and how far it strays", () => {
    const window = new RequestWindow();
    for (let i = 0; i < 100; i++) window.answered(request(0, i, 0), i % 2 === 0 ? 90 : 110);
    expect(window.roundTrip).toBeGreaterThan(95);
    expect(window.roundTrip).toBeLessThan(105);
    expect(window.deviation).toBeGreaterThan(5);
    expect(window.deviation).toBeLessThan(15);
  });
});

describe("a rate meter", () => {
  test("gives the mean of the last five seconds", () => {
    const meter = new RateMeter(0);
    for (let second = 1; second <= 10; second++) {
      meter.add(second <= 5 ? 1000 : 2000);
      meter.sample(second * 1000);
    }
    expect(meter.rate).toBe(2000);
    expect(meter.total).toBe(15_000);
    for (let second = 11; second <= 15; second++) meter.sample(second * 1000);
    expect(meter.rate).toBe(0);
  });

  test("is true with samples that come late", () => {
    const meter = new RateMeter(0);
    meter.add(3000);
    meter.sample(1500);
    expect(meter.rate).toBe(2000);
    meter.sample(1550);
    expect(meter.rate).toBe(2000);
  });
});
