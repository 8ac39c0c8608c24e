import { describe, expect, test } from "vitest";
import { type Ban, MAX_BANS } from "../../../core/model/ban.ts";
import { BanList } from "../../../core/swarm/ban-list.ts";

const ID = Uint8Array.from({ length: 20 }, (_, at) => at);
const ban = (party: string, more: Partial<Ban> = {}): Ban => ({
  party,
  evidence: "it lied",
  by: "us",
  at: 0,
  torrent: "0".repeat(40),
  torrentName: "a torrent",
  ...more,
});

describe("the bans", () => {
  test("hold against a global address, whatever its port and id", () => {
    const bans = new BanList();
    bans.add(ban("203.0.113.5"));
    expect(bans.against({ host: "203.0.113.5", port: 1 })?.evidence).toBe("it lied");
    expect(bans.against({ host: "203.0.113.5", port: 2 }, ID)).toBeDefined();
    expect(bans.against({ host: "::ffff:203.0.113.5", port: 2 })).toBeDefined();
    expect(bans.against({ host: "203.0.113.6", port: 1 }, ID)).toBeUndefined();
  });

  test("hold against all of an IPv6 network of 64 bits, and no more", () => {
    const bans = new BanList();
    bans.add(ban("2001:db8:1:2::/64"));
    expect(bans.against({ host: "2001:db8:1:2:ffff::9", port: 1 })).toBeDefined();
    expect(bans.against({ host: "2001:db8:1:3::9", port: 1 })).toBeUndefined();
  });

  test("hold against one local peer, where it listens and by its id, and not against its neighbours", () => {
    const bans = new BanList();
    bans.add(ban("127.0.0.1:6881", { peerId: "000102030405060708090a0b0c0d0e0f10111213" }));
    expect(bans.against({ host: "127.0.0.1", port: 6881 })).toBeDefined();
    expect(bans.against({ host: "127.0.0.1", port: 40_000 }, ID)).toBeDefined();
    expect(bans.against({ host: "127.0.0.1", port: 6882 })).toBeUndefined();
    expect(bans.against({ host: "127.0.0.1", port: 40_000 }, new Uint8Array(20))).toBeUndefined();
  });

  test("of a local peer do not hold against who shows its id on the open internet", () => {
    const bans = new BanList();
    bans.add(ban("127.0.0.1:6881", { peerId: "000102030405060708090a0b0c0d0e0f10111213" }));
    expect(bans.against({ host: "203.0.113.5", port: 6881 }, ID)).toBeUndefined();
  });

  test("are lifted by name, with the id", () => {
    const bans = new BanList();
    bans.add(ban("127.0.0.1:6881", { peerId: "000102030405060708090a0b0c0d0e0f10111213" }));
    expect(bans.lift("127.0.0.1:6882")).toBeUndefined();
    expect(bans.lift("127.0.0.1:6881")?.evidence).toBe("it lied");
    expect(bans.against({ host: "127.0.0.1", port: 1 }, ID)).toBeUndefined();
    expect([bans.size, bans.changes]).toEqual([0, 2]);
  });

  test("are bounded: the oldest make room", () => {
    const bans = new BanList();
    for (let n = 0; n <= MAX_BANS; n++) bans.add(ban(`198.51.${n >> 8}.${n & 255}`));
    expect(bans.size).toBe(MAX_BANS);
    expect(bans.has("198.51.0.0")).toBe(false);
    expect(bans.has("198.51.0.1")).toBe(true);
    bans.add(ban("198.51.0.1", { evidence: "it lied again" }));
    expect(bans.size).toBe(MAX_BANS);
    expect(bans.list().at(-1)?.evidence).toBe("it lied again");
  });
});
