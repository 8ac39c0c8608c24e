import { describe, expect, test } from "vitest";
import { peerPriority } from "../../../core/model/peer-priority.ts";
import { OwnAddress } from "../../../core/swarm/own-address.ts";

const PEER = { host: "203.0.113.77", port: 6881 };
const rankFor = (host: string) => peerPriority({ host, port: 6881 }, PEER);

describe("our own address", () => {
  test("is unknown, and nobody has a priority, until enough say so", () => {
    const own = new OwnAddress(() => 6881);
    expect([own.epoch, own.priorityOf(PEER)]).toEqual([0, undefined]);
    own.tell("198.51.100.1", "a", false);
    own.tell("198.51.100.1", "a", false);
    expect(own.epoch).toBe(0);
    own.tell("198.51.100.1", "b", false);
    expect([own.epoch, own.priorityOf(PEER)]).toEqual([1, rankFor("198.51.100.1")]);
  });

  test("is believed to a tracker alone (BEP 24)", () => {
    const own = new OwnAddress(() => 6881);
    own.tell("198.51.100.1", "http://tracker.test/", true);
    expect(own.priorityOf(PEER)).toBe(rankFor("198.51.100.1"));
  });

  test("is what more say, not what was said last", () => {
    const own = new OwnAddress(() => 6881);
    for (const by of ["a", "b", "c"]) own.tell("198.51.100.1", by, false);
    for (const by of ["d", "e", "f"]) own.tell("198.51.100.2", by, false);
    expect(own.priorityOf(PEER)).toBe(rankFor("198.51.100.1"));
    own.tell("198.51.100.2", "a", false);
    expect([own.epoch, own.priorityOf(PEER)]).toEqual([2, rankFor("198.51.100.2")]);
  });

  test("follows a change, since old voices are forgotten", () => {
    const own = new OwnAddress(() => 6881);
    for (let n = 0; n < 50; n++) own.tell("198.51.100.1", `old ${n}`, false);
    for (let n = 0; n < 30; n++) own.tell("198.51.100.2", `new ${n}`, false);
    expect(own.priorityOf(PEER)).toBe(rankFor("198.51.100.2"));
  });

  test("is none that only a neighbour could reach, and none that is no address", () => {
    const own = new OwnAddress(() => 6881);
    for (const host of ["192.168.1.2", "127.0.0.1", "fe80::1", "example.org"]) own.tell(host, "t", true);
    expect(own.epoch).toBe(0);
  });

  test("is one for each family", () => {
    const own = new OwnAddress(() => 6881);
    own.tell("2001:db8::1", "t", true);
    expect(own.priorityOf(PEER)).toBeUndefined();
    const peer = { host: "2001:db8:9::1", port: 1 };
    expect(own.priorityOf(peer)).toBe(peerPriority({ host: "2001:db8::1", port: 6881 }, peer));
  });
});
