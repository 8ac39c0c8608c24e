import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFailed, onTestFinished, test } from "vitest";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { EMPTY_ENGINE_STATE } from "../../../renderer/store/engine-state.ts";
import { type Content, makeContent } from "../../sim/support/content.ts";
import { EngineFixture, freshContent, HonestSeed, sha256 } from "../hostile/engine-fixture.ts";
import { startHttpFixture } from "../trackers/http-fixture.ts";
import { watchLeaks } from "./leaks.ts";
import { startDripping, startHttpProxy, startSocks, startStranger } from "./proxies.ts";

const PASSWORD = "se%cret";
const WRITTEN = "se%25cret";

const { names, sockets } = watchLeaks();

/** A tracker that knows one peer, and a torrent that knows it by a name alone. */
async function startScene() {
  const callers: number[] = [];
  const peers: { port?: number } = {};
  const tracker = await startHttpFixture((request, response) => {
    callers.push(request.socket.remotePort as number);
    const compact = Uint8Array.of(127, 0, 0, 1, (peers.port ?? 0) >>> 8, peers.port ?? 0);
    response.end(encodeBencode({ interval: 1800, peers: compact }));
  });
  onTestFinished(() => tracker.close());
  const udp = `udp://tracker.test:${tracker.port}/announce`;
  const content: Content = makeContent([16 * 65536], 65536, {
    seed: tracker.port,
    trackers: [udp, `http://tracker.test:${tracker.port}/announce`],
  });
  const seed = await HonestSeed.open(content);
  onTestFinished(() => seed.listener.close());
  peers.port = seed.port;
  return { callers, tracker, seed, content };
}

async function startEngine(proxy: string, trace?: string): Promise<EngineFixture> {
  const fixture = new EngineFixture();
  onTestFinished(() => fixture.stop());
  const file = trace === undefined ? {} : { trace: { file: join(fixture.folder, trace), failed: () => undefined } };
  await fixture.start("127.0.0.1", { announces: true, overrides: { proxy }, ...file });
  return fixture;
}

describe.each(["socks5", "http"] as const)("with a %s proxy", (kind) => {
  const start = kind === "socks5" ? startSocks : startHttpProxy;

  test("tracker and peers are reached through it alone: no name is looked up, no datagram sent, nobody can call", async () => {
    const proxy = await start(PASSWORD);
    const { callers, tracker, seed, content } = await startScene();
    const engine = await startEngine(`${kind}://me:${WRITTEN}@127.0.0.1:${proxy.port}`, "trace");
    const torrent = await engine.add(content);
    onTestFailed(() => console.error(engine.picture(torrent), proxy.asked, tracker.requests));
    seed.giveEverything();
    await engine.complete(torrent);
    expect(engine.sha256(content)).toBe(sha256(content.bytes));
    expect(callers.length).toBeGreaterThan(0);
    const seen = [...callers, ...seed.listener.peers.map(({ socket }) => socket.remotePort ?? 0)].filter(
      (port) => port,
    );
    for (const port of seen) expect(proxy.ports).toContain(port);
    const asked = kind === "socks5" ? proxy.asked : proxy.asked.map((line) => line.replace(/^(CONNECT|GET) /, ""));
    expect(new Set(asked)).toEqual(new Set([`tracker.test:${tracker.port}`, `127.0.0.1:${seed.port}`]));
    expect(new Set(proxy.callers)).toEqual(new Set([`me:${PASSWORD}`]));
    const announces = tracker.requests.filter((request) => request.startsWith("GET /announce"));
    for (const request of announces) expect(request).toContain("port=1&");
    expect(names).toEqual([]);
    expect(sockets).toEqual([]);
    const { session } = engine.state;
    expect(session?.listenPort).toBeUndefined();
    expect(session?.notices).toContainEqual(expect.stringMatching(/^With a proxy nobody can connect to us/));
    expect(session?.settings.proxy).toMatch(/:\/\/me:\*\*\*@/);
    const log = engine.details(torrent).log?.map(({ text }) => text);
    expect(log).toContainEqual(expect.stringContaining("a UDP tracker can't be asked through the proxy"));
    await engine.command({ kind: "pause", torrent });
    const record = readFileSync(join(engine.folder, "trace"), "utf8");
    expect(record).toContain("***");
    expect(record).not.toMatch(/se%(25)?cret/);
  });

  test("who does not accept us is told of in words, and nothing goes past it", async () => {
    const proxy = await start(PASSWORD);
    const { callers, seed, content } = await startScene();
    for (const [who, words] of [
      ["me:wrong@", "it refuses user and password"],
      ["", "it wants to know who we are"],
    ]) {
      const engine = await startEngine(`${kind}://${who}127.0.0.1:${proxy.port}`);
      const torrent = await engine.add(content);
      await engine.connect(torrent, seed.port);
      const gone = await engine.gone(torrent, seed.port);
      expect(gone).toMatchObject({ reason: "connect-failed", by: "network" });
      expect(gone.detail).toBe(`127.0.0.1:${seed.port}: the proxy 127.0.0.1:${proxy.port}: ${words}`);
    }
    expect(callers).toEqual([]);
    expect(seed.listener.peers).toEqual([]);
  });
});

describe("a SOCKS proxy", () => {
  test.each([
    [1, "general failure"],
    [2, "its rules do not allow it"],
    [3, "network unreachable"],
    [4, "host unreachable"],
    [5, "connection refused"],
    [6, "timed out on the way"],
    [7, "it can't connect for others"],
    [8, "it does not know this kind of address"],
    [99, "reply 99, which nobody knows"],
  ])("that answers %i is quoted in words", async (reply, words) => {
    const { port } = await startSocks(undefined, reply);
    const url = "http://tracker.test/announce";
    const proxy = { kind: "socks5", host: "127.0.0.1", port } as const;
    expect(await askTracker({ url, tracker: url }, { proxy })).toEqual({
      ok: false,
      fault: `the proxy 127.0.0.1:${port}: ${words}`,
    });
  });

  test.each([
    ["speaks another language", "HTTP/1.1 200 OK\r\n\r\n", "it does not speak SOCKS5"],
    ["speaks version 4", Uint8Array.of(4, 0), "it does not speak SOCKS5"],
    ["wants what was not offered", Uint8Array.of(5, 1), "it wants method 1 of authentication, which was not offered"],
    ["speaks out of turn", Uint8Array.of(5, 0, 5, 0, 0, 1), "it speaks out of turn"],
    ["says half a word", Uint8Array.of(5), "no whole answer within 0.3 s"],
  ])("that %s is no way out", async (_, says, words) => {
    const port = await startStranger(says);
    const url = "http://tracker.test/announce";
    const proxy = { kind: "socks5", host: "127.0.0.1", port } as const;
    const result = await askTracker({ url, tracker: url, timeout: 300 }, { proxy });
    expect(result).toEqual({ ok: false, fault: expect.stringContaining(words) });
  });

  test("is not asked for what is on this machine by its name, nor by a redirect from outside", async () => {
    const proxy = await startSocks();
    const way = { kind: "socks5", host: "127.0.0.1", port: proxy.port } as const;
    for (const host of ["localhost", "a.localhost.", "127.0.0.1"]) {
      const url = `http://${host}/admin`;
      const result = await askTracker({ url, tracker: url }, { proxy: way });
      expect(result).toEqual({ ok: false, fault: expect.stringContaining("only asked under /announce") });
    }
    expect(proxy.asked).toEqual([]);
  });
});

describe("a SOCKS proxy that drips", () => {
  const ask = async (answers: readonly Uint8Array[]) => {
    const port = await startDripping(answers);
    const url = "http://tracker.test/announce";
    return askTracker({ url, tracker: url }, { proxy: { kind: "socks5", host: "127.0.0.1", port } });
  };
  const hello = Uint8Array.of(5, 0);
  const granted = Uint8Array.of(5, 0, 0, 3, 2, 0x61, 0x62, 0, 80);

  test("is a way all the same, once it has said all", async () => {
    const page = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nde");
    expect(await ask([hello, granted, page])).toMatchObject({ ok: true, body: new Uint8Array(Buffer.from("de")) });
  });

  test.each([
    ["before it has agreed", [hello.subarray(0, 1)]],
    ["in the middle of its answer", [hello, granted.subarray(0, 6)]],
  ])("and cuts %s is none", async (_, answers) => {
    expect(await ask(answers)).toEqual({ ok: false, fault: expect.stringContaining("it closed the connection") });
  });
});

test.each(["socks5", "http"] as const)("a peer at an address of IPv6 is asked for through a %s proxy", async (kind) => {
  const proxy = await (kind === "socks5" ? startSocks : startHttpProxy)();
  const { seed, content } = await startScene();
  const engine = await startEngine(`${kind}://127.0.0.1:${proxy.port}`);
  const torrent = await engine.add(content);
  seed.giveEverything();
  await engine.command({ kind: "add-peer", torrent, host: "2001:db8::7", port: seed.port });
  await engine.seen(() => proxy.asked.find((asked) => asked.includes("2001:db8::7")));
  const [asked] = proxy.asked.filter((line) => line.includes("2001:db8::7"));
  expect(asked).toBe(kind === "socks5" ? `2001:db8::7:${seed.port}` : `CONNECT [2001:db8::7]:${seed.port}`);
  await engine.complete(torrent);
});

test.each(["socks5", "http"] as const)("a web seed is read through a %s proxy, by its name", async (kind) => {
  const proxy = await (kind === "socks5" ? startSocks : startHttpProxy)(PASSWORD);
  const callers: (number | undefined)[] = [];
  const files: { bytes?: Uint8Array } = {};
  const server = await startHttpFixture((request, response) => {
    callers.push(request.socket.remotePort);
    const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")?.map(Number) ?? [];
    const bytes = files.bytes ?? new Uint8Array(0);
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}` });
    response.end(bytes.subarray(from, to + 1));
  });
  onTestFinished(() => server.close());
  const webSeeds = [`http://files.test:${server.port}/file`];
  const content = makeContent([16 * 65536], 65536, { seed: server.port, webSeeds });
  files.bytes = content.bytes;
  const engine = await startEngine(`${kind}://me:${WRITTEN}@127.0.0.1:${proxy.port}`);
  await engine.complete(await engine.add(content));
  expect(engine.sha256(content)).toBe(sha256(content.bytes));
  expect(callers.length).toBeGreaterThan(0);
  for (const port of callers) expect(proxy.ports).toContain(port);
  expect(new Set(proxy.asked.map((line) => line.split(" ").at(-1)))).toEqual(new Set([`files.test:${server.port}`]));
  expect(names).toEqual([]);
  expect(sockets).toEqual([]);
});

test("an HTTP proxy that drips, or never ends its headers, is no way out", async () => {
  const url = "https://tracker.test/announce";
  for (const [says, words] of [
    ["220 mail.test\r\n", "it does not speak HTTP"],
    [`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(4000)}`, "its headers are longer than 16 KiB"],
    ["HTTP/1.1 503 Busy\r\n\r\n", "HTTP status 503"],
    ["HTTP/1", "no whole answer within 0.3 s"],
  ] as const) {
    const port = await startStranger(says);
    const proxy = { kind: "http", host: "127.0.0.1", port } as const;
    const result = await askTracker({ url, tracker: url, timeout: 300 }, { proxy });
    expect(result).toEqual({ ok: false, fault: expect.stringContaining(words) });
  }
});

test.each(["socks5", "http"] as const)(
  "a tracker over HTTPS is spoken to through a %s proxy end to end",
  async (kind) => {
    const proxy = await (kind === "socks5" ? startSocks : startHttpProxy)();
    const first: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (chunk: Buffer) => {
        first.push(chunk);
        socket.destroy();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `https://tracker.test:${(server.address() as { port: number }).port}/announce`;
    const result = await askTracker({ url, tracker: url }, { proxy: { kind, host: "127.0.0.1", port: proxy.port } });
    expect(result.ok).toBe(false);
    // A handshake of TLS that names the tracker.
    expect(first.map((chunk) => chunk[0])).toEqual([0x16]);
    expect(first[0]?.includes("tracker.test")).toBe(true);
    expect(names).toEqual([]);
  },
);

describe("the proxy in the settings", () => {
  test("ends the announce that is under way past it", async () => {
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const tracker = await startHttpFixture(() => isAsked());
    onTestFinished(() => tracker.close());
    const trackers = [`${tracker.origin}/announce`];
    const engine = await startEngine("");
    const torrent = await engine.add(makeContent([65536], 65536, { seed: tracker.port, trackers }));
    await asked;
    const proxy = await startSocks();
    await engine.command({ kind: "change-settings", settings: { proxy: `socks5://127.0.0.1:${proxy.port}` } });
    const told = () => engine.details(torrent).log?.find(({ kind }) => kind === "tracker")?.text;
    expect(await engine.seen(told)).toBe(`${trackers[0]}: it was stopped here`);
  });

  test("may change while torrents run: connections begin anew through it, and its password stays when others change", async () => {
    const proxy = await startSocks(PASSWORD);
    const engine = new EngineFixture();
    onTestFinished(() => engine.stop());
    await engine.start();
    const { seed, content } = { ...(await startScene()), content: freshContent() };
    const other = await HonestSeed.open(content);
    onTestFinished(() => other.listener.close());
    const torrent = await engine.add(content);
    await engine.connect(torrent, other.port);
    await engine.seen(({ torrents }) => (torrents.get(torrent)?.peersConnected ? true : undefined));
    const set = (text: string) => engine.command({ kind: "change-settings", settings: { proxy: text } });
    await set(`socks5://me:${WRITTEN}@127.0.0.1:${proxy.port}`);
    expect(await engine.gone(torrent, other.port)).toMatchObject({ reason: "local", by: "user" });
    await engine.connect(torrent, other.port);
    await engine.seen(({ torrents }) => (torrents.get(torrent)?.peersConnected ? true : undefined));
    expect(proxy.asked).toContain(`127.0.0.1:${other.port}`);
    const shown = engine.state.session?.settings.proxy as string;
    await set(shown);
    await engine.command({ kind: "change-settings", settings: { maxHalfOpen: 49 } });
    await expect(set(shown.replace("127.0.0.1", "127.0.0.2"))).rejects.toThrow("type the password");
    engine.state = EMPTY_ENGINE_STATE;
    await engine.restart();
    expect(engine.state.session?.settings.proxy).toBe(shown);
    expect(engine.state.session?.listenPort).toBeUndefined();
    other.giveEverything();
    await engine.connect(torrent, other.port);
    await engine.complete(torrent);
    expect(new Set(proxy.callers)).toEqual(new Set([`me:${PASSWORD}`]));
    await expect(engine.command({ kind: "add-peer", torrent, host: "peer.test", port: seed.port })).rejects.toThrow(
      "no name is looked up here",
    );
    await set("");
    await engine.seen(({ session }) => session?.listenPort);
  });
});
