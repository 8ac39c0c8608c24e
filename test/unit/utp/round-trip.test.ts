import { describe, expect, it } from "vitest";
import { RoundTrip } from "../../../core/utp/round-trip.ts";

describe("the round trip", () => {
  it("waits a second before anything is known", () => {
    expect(new RoundTrip().timeout).toBe(1000);
  });

  it("never waits less than half a second", () => {
    const trip = new RoundTrip();
    for (let i = 0; i < 50; i++) trip.sample(3);
    expect(trip.mean).toBeCloseTo(3);
    expect(trip.timeout).toBe(500);
  });

  it("waits longer where answers take unevenly long (RFC 6298)", () => {
    const trip = new RoundTrip();
    trip.sample(400);
    expect(trip.timeout).toBe(400 + 4 * 200);
    trip.sample(800);
    expect(trip.mean).toBe(450);
    expect(trip.timeout).toBe(450 + 4 * 250);
  });

  it("doubles with each silence up to a minute, until something gets through", () => {
    const trip = new RoundTrip();
    trip.sample(10);
    const waits = Array.from({ length: 9 }, () => {
      trip.timedOut();
      return trip.timeout;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    trip.progressed();
    expect(trip.timeout).toBe(500);
  });
});
