import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFailed, onTestFinished, test } from "vitest";
import { toHex } from "../../../core/model/bytes.ts";
import { wireHash } from "../../../core/model/info-hash.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { UdpRelay } from "../../../core/runtime/net/udp-relay.ts";
import { until } from "../../setup/until.ts";
import { type Content, makeContent } from "../../sim/support/content.ts";
import { DhtNode } from "../dht/dht-node.ts";
import { EngineFixture, sha256 } from "../hostile/engine-fixture.ts";
import { watchLeaks } from "./leaks.ts";
import { startRelay, startSocks } from "./proxies.ts";

const { names, sockets } = watchLeaks();

/** A UDP tracker on loopback that knows one peer of every torrent, and where it was asked from. */
async function startTracker(peer: number) {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const callers: number[] = [];
  socket.on("message", (asked, from) => {
    callers.push(from.port);
    const action = asked.readUInt32BE(8);
    const head = Buffer.concat([Buffer.of(0, 0, 0, action), asked.subarray(12, 16)]);
    const counts = Buffer.from("000007080000000000000001", "hex");
    const answer = action === 0 ? Buffer.from("peerscop") : Buffer.of(...counts, 127, 0, 0, 1, peer >> 8, peer & 0xff);
    socket.send(Buffer.concat([head, answer]), from.port);
  });
  onTestFinished(() => void socket.close());
  return { callers, url: `udp://tracker.test:${socket.address().port}/announce` };
}

/** An engine that is reached without a proxy. */
async function startSeed(): Promise<EngineFixture> {
  const seed = new EngineFixture();
  onTestFinished(() => seed.stop());
  mkdirSync(join(seed.folder, "downloads"));
  await seed.start();
  return seed;
}

async function seedOf(seed: EngineFixture, { metainfo, bytes, ...rest }: Content): Promise<string> {
  writeFileSync(join(seed.folder, "downloads", metainfo.name), bytes);
  const torrent = await seed.add({ metainfo, bytes, ...rest });
  await seed.complete(torrent);
  return torrent;
}

describe("a SOCKS proxy that passes on datagrams", () => {
  test("has uTP, UDP trackers and the DHT go through it, and nothing past it", async () => {
    const seed = await startSeed();
    const tracker = await startTracker(seed.listenPort);
    const node = await DhtNode.open();
    onTestFinished(() => node.close());
    const relay = await startRelay();
    const content = makeContent([16 * 65536], 65536, { seed: seed.listenPort, trackers: [tracker.url] });
    const seeding = await seedOf(seed, content);
    names.length = 0;
    sockets.length = 0;

    const engine = new EngineFixture();
    onTestFinished(() => engine.stop());
    await engine.start("127.0.0.1", {
      announces: true,
      dhtNodes: [{ host: "node.test", port: node.port }],
      overrides: { proxy: `socks5://127.0.0.1:${relay.port}`, transport: "utp", dht: true },
    });
    await engine.seen(({ session }) => session?.notices.find((words) => words.includes("go through it")));
    const torrent = await engine.add(content);
    onTestFailed(() => console.error(engine.picture(torrent), relay.passed, relay.asked));
    await engine.complete(torrent);
    expect(engine.sha256(content)).toBe(sha256(content.bytes));
    await engine.seen(({ session }) => session?.dhtNodes || undefined);
    await until(() => node.hasHeardOf(wireHash(content.metainfo.infoHash)));

    expect(new Set(relay.passed)).toEqual(
      new Set([
        new URL(tracker.url).host,
        `node.test:${node.port}`,
        `127.0.0.1:${node.port}`,
        `127.0.0.1:${seed.listenPort}`,
      ]),
    );
    expect(relay.asked).toEqual([]);
    const callers = [...(seed.details(seeding).peers?.values() ?? []), ...(seed.details(seeding).gone ?? [])];
    expect(callers.map(({ transport }) => transport)).toEqual(["utp"]);
    for (const port of [...tracker.callers, ...callers.map(({ port: from }) => from)]) {
      expect(relay.ports).toContain(port);
    }
    expect(names).toEqual([]);
    expect(sockets).toEqual([new Set([`127.0.0.1:${relay.datagramPort}`])]);
    expect(engine.state.session?.listenPort).toBeUndefined();
    expect(relay.associations).toBe(1);
    await engine.command({ kind: "pause", torrent });
    await until(() => relay.controls.size === 1);
  });

  test("and ends that is asked again, and until then nothing goes any way", async () => {
    const relay = await startRelay("127.0.0.1");
    const tracker = await startTracker(1);
    const [first, second] = [1, 2].map((number) =>
      makeContent([65536], 65536, { seed: relay.port + number, trackers: [tracker.url] }),
    ) as [Content, Content];
    const engine = new EngineFixture();
    onTestFinished(() => engine.stop());
    const overrides = { proxy: `socks5://127.0.0.1:${relay.port}`, dht: true };
    await engine.start("127.0.0.1", { announces: true, overrides });
    const said = (words: string) =>
      engine.seen(({ session }) => session?.notices.find((notice) => notice.includes(words)));
    await said("go through it");
    expect(engine.state.session?.dhtNodes).toBe(0);
    for (const control of relay.controls) control.destroy();
    expect(await said("are off: ")).toContain("the proxy ended the association");
    expect(engine.state.session?.dhtNodes).toBeUndefined();
    const torrent = await engine.add(first);
    const told = () => engine.details(torrent).log?.find(({ kind }) => kind === "tracker")?.text;
    expect(await engine.seen(told)).toContain("a UDP tracker can't be asked through the proxy");
    expect(relay.passed).toEqual([]);
    await said("go through it");
    expect(relay.associations).toBe(2);
    await engine.add(second);
    await until(() => tracker.callers.length > 0);
    for (const port of tracker.callers) expect(relay.ports).toContain(port);
    expect(names).toEqual([]);
  });

  test("is heard alone, and whole datagrams alone are taken", async () => {
    const proxy = await startRelay();
    const heard: string[] = [];
    const relay = await associated(proxy.port);
    onTestFinished(() => relay.close());
    relay.feed({
      utp: (datagram, host, port) => heard.push(`utp ${toHex(datagram)} ${host} ${port}`),
      dht: (datagram, host, port) => heard.push(`dht ${toHex(datagram)} ${host} ${port}`),
    });
    const asked: string[] = [];
    relay.listen((datagram, from) => asked.push(`${toHex(datagram)} ${from.host} ${from.port}`));
    // So that it knows where to answer.
    relay.send(Uint8Array.of(1), { host: "::1", port: 9 });
    await until(() => proxy.passed.length > 0);
    expect(proxy.passed).toEqual(["::1:9"]);
    const from4 = [1, 192, 0, 2, 1, 0, 7];
    const from6 = [4, 0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1, 0, 7];
    const named = [3, 4, ...Buffer.from("test"), 0, 7];
    for (const bytes of [
      [],
      [0, 0],
      [0, 0, 1, ...from4, 0x21],
      [0, 0, 0x81, ...from4, 0x21],
      [1, 0, 0, ...from4, 0x21],
      [0, 0, 0, 9, ...from4, 0x21],
      [0, 0, 0, 1, 192, 0],
      [0, 0, 0, ...named, 0x21],
      [0, 0, 0, ...named, 0],
      [0, 0, 0, ...from6, 0x64, 0x65],
      [0, 0, 0, ...from4, 0x21],
    ]) {
      proxy.say(Uint8Array.from(bytes));
    }
    await until(() => heard.length === 2);
    expect(heard).toEqual(["dht 6465 2001:db8::1 7", "utp 21 192.0.2.1 7"]);
    expect(asked).toEqual(["00 test 7"]);
  });

  test("and tells no address that is one is sent to at its own", async () => {
    const proxy = await startRelay("0.0.0.0");
    const relay = await associated(proxy.port);
    onTestFinished(() => relay.close());
    expect(sockets.at(-1)).toEqual(new Set([`127.0.0.1:${proxy.datagramPort}`]));
  });

  test.each([
    ["no port", "0.0.0.0", 0],
    ["where nothing can be sent to from here", "192.0.2.1", 9],
  ])("and tells %s is asked again", async (_, host, port) => {
    const proxy = await startRelay(host, port);
    const relay = relayThrough(proxy.port);
    onTestFinished(() => relay.close());
    await until(() => relay.fault !== undefined);
    relay.send(Uint8Array.of(1), { host: "127.0.0.1", port: 9 });
    expect(relay.isUp).toBe(false);
    await until(() => proxy.associations > 1);
  });

  test("is not held by one that is closed as it agrees", async () => {
    const proxy = await startRelay();
    const relay = relayThrough(proxy.port);
    await until(() => proxy.associations > 0);
    relay.close();
    await until(() => proxy.controls.size === 0);
    expect(relay.isUp).toBe(false);
  });

  test("is not asked for a tracker on this machine but under /announce", async () => {
    const proxy = await startRelay();
    const relay = await associated(proxy.port);
    onTestFinished(() => relay.close());
    const way = { proxy: { kind: "socks5", host: "127.0.0.1", port: proxy.port }, relay } as const;
    for (const host of ["localhost", "a.localhost.", "127.0.0.1"]) {
      const url = `udp://${host}:9/admin`;
      const udp = { kind: "scrape", infoHash: new Uint8Array(20) } as const;
      const result = await askTracker({ url, tracker: url, udp, timeout: 300 }, way);
      expect(result).toEqual({ ok: false, fault: expect.stringContaining("only asked under /announce") });
    }
    expect(proxy.passed).toEqual([]);
  });
});

test("a SOCKS proxy that passes on no datagrams is told of with its reason, and leaves uTP and the DHT off", async () => {
  const proxy = await startSocks();
  const engine = new EngineFixture();
  onTestFinished(() => engine.stop());
  await engine.start("127.0.0.1", { overrides: { proxy: `socks5://127.0.0.1:${proxy.port}`, dht: true } });
  const notice = await engine.seen(({ session }) => session?.notices.find((words) => words.includes("off: ")));
  expect(notice).toBe(
    `With a proxy nobody can connect to us, and uTP, UDP trackers, the DHT and local discovery are off: the proxy 127.0.0.1:${proxy.port}: it passes on no datagrams.`,
  );
  expect(engine.state.session?.dhtNodes).toBeUndefined();
  expect(sockets).toEqual([]);
});

/** A relay that the proxy has agreed to. */
async function associated(port: number): Promise<UdpRelay> {
  const relay = relayThrough(port);
  await until(() => relay.isUp);
  return relay;
}

function relayThrough(port: number): UdpRelay {
  const proxy = { kind: "socks5", host: "127.0.0.1", port } as const;
  return new UdpRelay({ proxy, bindHost: "127.0.0.1", now: Date.now, changed: () => undefined });
}
