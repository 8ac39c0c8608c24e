import { describe, expect, test } from "vitest";
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LocalDiscovery,
} from "../../../core/discovery/local-discovery.ts";
import { seededRandom } from "../../../core/model/random.ts";

const MINUTE = 60_000;
const id = (number: number) => number.toString(16).padStart(40, "0");
const said = (text: string) => decodeLocalAnnounce(Buffer.from(text, "latin1"));

describe("an announcement on the local network (BEP 14)", () => {
  test("is written as everybody writes it", () => {
    const announce = { port: 6881, infoHashes: [id(1), id(2)], cookie: "abcd" };
    expect(Buffer.from(encodeLocalAnnounce(LOCAL_GROUPS.ipv4, announce)).toString()).toBe(
      "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n" +
        `Infohash: ${id(1)}\r\nInfohash: ${id(2)}\r\ncookie: abcd\r\n\r\n\r\n`,
    );
    expect(Buffer.from(encodeLocalAnnounce(LOCAL_GROUPS.ipv6, announce)).toString()).toContain(
      "Host: [ff15::efc0:988f]:6771\r\n",
    );
    expect(decodeLocalAnnounce(encodeLocalAnnounce(LOCAL_GROUPS.ipv6, announce))).toEqual(announce);
  });

  test("is read with names and digits in either case, and without what is unknown or wrong", () => {
    expect(
      said(
        `BT-SEARCH * HTTP/1.1\r\nhost:x\r\nPORT:6881\r\nInfoHash: ${"AB".repeat(20)}\r\nInfohash: 12\r\nX-Y: z\r\n: \r\n\r\n`,
      ),
    ).toEqual({ port: 6881, infoHashes: ["ab".repeat(20)] });
  });

  test.each([
    ["no port", `BT-SEARCH * HTTP/1.1\r\nInfohash: ${id(1)}\r\n\r\n`],
    ["port 0", `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${id(1)}\r\n\r\n`],
    ["a port beyond all", `BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: ${id(1)}\r\n\r\n`],
    ["no torrent", "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n"],
    ["another method", `M-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${id(1)}\r\n\r\n`],
    ["more than a datagram", `BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${id(1)}\r\n${"x".repeat(1500)}`],
    ["nothing", ""],
  ])("with %s is none", (_, text) => {
    expect(said(text)).toBeUndefined();
  });
});

describe("we announce", () => {
  test("a torrent when it begins, and then every five minutes", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    const due = (minutes: number, ...torrents: string[]) =>
      discovery.due(torrents, 6881, minutes * MINUTE).flatMap(({ infoHashes }) => infoHashes);
    expect(due(0, id(1))).toEqual([id(1)]);
    expect(due(1, id(1), id(2))).toEqual([id(2)]);
    expect(due(4.9, id(1), id(2))).toEqual([]);
    expect(due(5, id(1), id(2))).toEqual([id(1)]);
    expect(due(6, id(1), id(2))).toEqual([id(2)]);
  });

  test("no torrent sooner than after a minute, though it stops and starts", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    const due = (seconds: number, ...torrents: string[]) => discovery.due(torrents, 6881, seconds * 1000).length;
    expect(due(0, id(1))).toBe(1);
    expect(due(10)).toBe(0);
    expect(due(20, id(1))).toBe(0);
    expect(due(70)).toBe(0);
    expect(due(71, id(1))).toBe(1);
  });

  test("several torrents in one datagram, which no network cuts", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    const announces = discovery.due(
      Array.from({ length: 45 }, (_, number) => id(number)),
      65_535,
      0,
    );
    expect(announces.map(({ infoHashes }) => infoHashes.length)).toEqual([20, 20, 5]);
    for (const announce of announces) {
      expect(encodeLocalAnnounce(LOCAL_GROUPS.ipv6, announce).length).toBeLessThan(1400);
    }
  });
});

describe("we hear", () => {
  const announce = (cookie?: string) =>
    encodeLocalAnnounce(LOCAL_GROUPS.ipv4, {
      port: 7000,
      infoHashes: [id(1), id(2)],
      ...(cookie === undefined ? {} : { cookie }),
    });

  test("where a peer listens, by the address it speaks from", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    expect(discovery.received(announce(), "::ffff:10.0.0.5", 0)).toEqual([
      { torrent: id(1), endpoint: { host: "10.0.0.5", port: 7000 } },
      { torrent: id(2), endpoint: { host: "10.0.0.5", port: 7000 } },
    ]);
    const [peer] = discovery.received(announce("0"), "fe80::5%eth0", 0);
    expect(peer?.endpoint.host).toBe("fe80::5%eth0");
  });

  test("not ourselves, whatever address we speak from", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    const [ours] = discovery.due([id(1)], 7000, 0);
    if (ours === undefined) throw new Error("nothing is announced");
    expect(discovery.received(encodeLocalAnnounce(LOCAL_GROUPS.ipv4, ours), "10.0.0.1", 0)).toEqual([]);
    const other = new LocalDiscovery(seededRandom(2));
    expect(other.received(encodeLocalAnnounce(LOCAL_GROUPS.ipv4, ours), "10.0.0.1", 0)).toHaveLength(1);
  });

  test("a machine that talks and talks no more than now and then", () => {
    const discovery = new LocalDiscovery(seededRandom(1));
    const heard = (host: string, now: number) => discovery.received(announce(), host, now).length > 0;
    const times = Array.from({ length: 200 }, () => heard("10.0.0.5", 0)).filter(Boolean).length;
    expect(times).toBe(40);
    expect(heard("10.0.0.6", 0)).toBe(true);
    expect(heard("10.0.0.5", 1000)).toBe(true);
    expect(heard("10.0.0.5", 1000)).toBe(false);
  });
});
