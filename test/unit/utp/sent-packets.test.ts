import { describe, expect, it } from "vitest";
import { PacketPool, type SentPacket, SentPackets } from "../../../core/utp/sent-packets.ts";

const FIRST = 65_530;
const TRIP = 100;

/** `count` packets of 100 bytes, a millisecond apart from 0 on. */
function sent(count: number) {
  const pool = new PacketPool();
  const probes: number[] = [];
  const packets = new SentPackets(FIRST, pool, (length) => probes.push(length));
  const all: SentPacket[] = [];
  for (let i = 0; i < count; i++) {
    const packet = pool.take();
    packet.payload = 100;
    packet.sentAt = i;
    packet.transmissions = 1;
    packets.add(packet);
    all.push(packet);
  }
  const lost = (): number[] => {
    const found: number[] = [];
    packets.findOvertaken(TRIP, (packet) => found.push(all.indexOf(packet)));
    return found;
  };
  /** Acknowledges the first `upTo`, and more by their numbers. */
  const acknowledge = (upTo: number, more: readonly number[], now: number): void => {
    packets.beginAcknowledgement();
    const last = (FIRST + upTo - 1) & 0xffff;
    packets.acknowledge(last, now);
    const mask = new Uint8Array(8);
    for (const index of more)
      mask[(index - upTo - 1) >> 3] = (mask[(index - upTo - 1) >> 3] as number) | (1 << ((index - upTo - 1) & 7));
    packets.acknowledgeSelectively(last, mask, 0, mask.length, now);
  };
  const again = (index: number, now: number): void => {
    const packet = all[index] as SentPacket;
    packets.resent(packet);
    packet.transmissions++;
    packet.sentAt = now;
  };
  return { packets, all, lost, acknowledge, again, probes, pool };
}

describe("packets under way", () => {
  it("are gone once acknowledged, across the wrap of their numbers", () => {
    const { packets, acknowledge } = sent(10);
    acknowledge(8, [], 50);
    expect(packets).toMatchObject({ outstanding: 2, inFlight: 200, ackedBytes: 800, oldest: 2, roundTrip: 43 });
    acknowledge(10, [], 60);
    expect(packets).toMatchObject({ outstanding: 0, inFlight: 0, ackedBytes: 200 });
  });

  it("tell no round trip when they were sent twice", () => {
    const { packets, acknowledge, again, lost } = sent(6);
    acknowledge(0, [3, 4, 5], 50);
    expect(lost()).toEqual([2, 1, 0]);
    for (const index of [0, 1, 2]) again(index, 60);
    acknowledge(6, [], 160);
    expect(packets.roundTrip).toBeUndefined();
  });

  it("are lost when three later ones arrived, not before", () => {
    const { packets, acknowledge, lost } = sent(10);
    acknowledge(1, [3, 4], 50);
    expect(lost()).toEqual([]);
    acknowledge(1, [3, 4, 5], 51);
    expect(lost()).toEqual([2, 1]);
    expect(packets).toMatchObject({ lost: 2, inFlight: 400 });
  });

  it("are lost sooner when so few are under way that three can't come", () => {
    const { acknowledge, lost } = sent(3);
    acknowledge(1, [2], 50);
    expect(lost()).toEqual([1]);
  });

  it("are lost again only when something that was sent later has arrived", () => {
    const { acknowledge, lost, again, packets } = sent(10);
    acknowledge(0, [1, 2, 3], 50);
    expect(lost()).toEqual([0]);
    again(0, 60);
    acknowledge(0, [1, 2, 3, 4, 5, 6], 61);
    expect(lost()).toEqual([]);
    (packets.at((FIRST + 9) & 0xffff) as SentPacket).sentAt = 60 + TRIP;
    acknowledge(0, [1, 2, 3, 4, 5, 6, 9], 200);
    expect(lost()).toContain(0);
  });

  it("are given more time where they were late before and not lost", () => {
    const { acknowledge, lost, again } = sent(20);
    acknowledge(0, [1, 2, 3], 100);
    expect(lost()).toEqual([0]);
    again(0, 101);
    // Far sooner than any answer has come: the first one of the two was late.
    acknowledge(4, [], 103);
    acknowledge(4, [5, 6, 7, 8], 104);
    expect(lost()).toEqual([]);
    acknowledge(4, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], 130);
    expect(lost()).toEqual([4]);
  });

  it("tell of a probe that arrived", () => {
    const { all, acknowledge, probes } = sent(3);
    (all[1] as SentPacket).isProbe = true;
    (all[1] as SentPacket).resize(1000);
    acknowledge(2, [], 50);
    expect(probes).toEqual([1000]);
  });

  it("are all lost after a silence, and counted right when they arrive after all", () => {
    const { packets, acknowledge } = sent(5);
    packets.loseAll();
    expect(packets).toMatchObject({ lost: 5, inFlight: 0 });
    acknowledge(3, [], 900);
    expect(packets).toMatchObject({ lost: 2, inFlight: 0, ackedBytes: 300 });
  });

  it("are not used again while the system may still read them", () => {
    const { pool, acknowledge, all } = sent(2);
    pool.mayBeRead = true;
    acknowledge(1, [], 10);
    pool.mayBeRead = false;
    expect(pool.take()).not.toBe(all[0]);
    acknowledge(2, [], 11);
    expect(pool.take()).toBe(all[1]);
  });
});
