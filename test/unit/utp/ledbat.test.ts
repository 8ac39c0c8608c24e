import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { Ledbat, TARGET_DELAY } from "../../../core/utp/ledbat.ts";

const PACKET = 1400;
const TRIP = 50;

/** One that has left slow start, with this window and delay. */
function steady(window: number, delay: number): Ledbat {
  const ledbat = new Ledbat(seededRandom(1));
  ledbat.lost(PACKET, TRIP, 0);
  ledbat.window = window;
  for (let i = 0; i < 4; i++) ledbat.sample(delay);
  return ledbat;
}

/** A round trip in which the whole window arrives. */
function trip(ledbat: Ledbat, now: number, isFull = true): number {
  const before = ledbat.window;
  for (let acked = 0; acked < before; acked += PACKET) ledbat.acknowledged(PACKET, isFull, PACKET, TRIP, now);
  return ledbat.window - before;
}

describe("the congestion window", () => {
  it("doubles a round trip at first", () => {
    const ledbat = new Ledbat(seededRandom(1));
    const before = ledbat.window;
    trip(ledbat, 0);
    expect(ledbat.window).toBeGreaterThanOrEqual(2 * before);
    expect(ledbat.isSlowStart).toBe(true);
  });

  it("leaves slow start when packets begin to wait", () => {
    const ledbat = new Ledbat(seededRandom(1));
    for (let i = 0; i < 4; i++) ledbat.sample(0.8 * TARGET_DELAY);
    expect(trip(ledbat, 0)).toBeLessThanOrEqual(3000);
    expect(ledbat.isSlowStart).toBe(false);
  });

  it("is not misled by a single packet that waited", () => {
    const ledbat = new Ledbat(seededRandom(1));
    ledbat.sample(1);
    ledbat.sample(500);
    expect(ledbat.delay).toBe(1);
  });

  it("grows by at most 3000 bytes a round trip while queues are empty, less the fuller they are", () => {
    expect(trip(steady(100_000, 0), 1)).toBeGreaterThan(2800);
    expect(trip(steady(100_000, 0), 1)).toBeLessThanOrEqual(3000 + 3 * PACKET);
    expect(trip(steady(100_000, 90), 1)).toBeLessThan(400);
    expect(trip(steady(100_000, 90), 1)).toBeGreaterThan(0);
  });

  it("stays as it is while it is not used up", () => {
    expect(trip(steady(100_000, 0), 1, false)).toBe(0);
  });

  it("shrinks past the target by a part of itself, at most by half a round trip", () => {
    expect(trip(steady(100_000, 120), 1) / 100_000).toBeCloseTo(-0.18, 1);
    const far = steady(100_000, 900);
    for (let acked = 0; acked < 100_000; acked += PACKET) far.acknowledged(PACKET, true, PACKET, TRIP, 1);
    expect(far.window).toBeGreaterThan(48_000);
    expect(far.window).toBeLessThan(52_000);
  });

  it("halves on loss, and never falls below two packets", () => {
    const ledbat = steady(100_000, 0);
    ledbat.lost(PACKET, TRIP, 1);
    expect(ledbat.window).toBe(50_000);
    for (let i = 0; i < 20; i++) ledbat.lost(PACKET, TRIP, 1);
    expect(ledbat.window).toBe(2 * PACKET);
  });

  it("begins again with one packet after silence, quickly up to half of what it was", () => {
    const ledbat = steady(100_000, 0);
    ledbat.timedOut(PACKET);
    expect(ledbat.window).toBe(PACKET);
    for (let i = 0; i < 8; i++) trip(ledbat, 1);
    expect(ledbat.isSlowStart).toBe(false);
    expect(ledbat.window).toBeGreaterThanOrEqual(50_000);
    expect(ledbat.window).toBeLessThan(65_000);
  });

  it("pauses for two round trips now and then when it has filled a queue, and is back at once", () => {
    const ledbat = steady(100_000, 95);
    trip(ledbat, 2 * TRIP + 1);
    expect(ledbat.window).toBe(2 * PACKET);
    trip(ledbat, 3 * TRIP);
    expect(ledbat.window).toBe(2 * PACKET);
    for (let i = 0; i < 4; i++) ledbat.sample(0);
    for (let i = 5; i < 12; i++) trip(ledbat, i * TRIP);
    expect(ledbat.window).toBeGreaterThanOrEqual(100_000);
  });

  it("does not pause where queues stay empty", () => {
    const ledbat = steady(100_000, 5);
    for (let i = 1; i < 2000; i++) trip(ledbat, i * TRIP);
    expect(ledbat.window).toBeGreaterThan(100_000);
  });
});
