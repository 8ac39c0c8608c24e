import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { decodeMessage, encodeMessage } from "../../../core/contract/codec.ts";
import type { ToEngine } from "../../../core/contract/messages.ts";
import { type HostFixture, startFixture } from "./fixture.ts";

let fixture: HostFixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

const origin = () => `http://127.0.0.1:${fixture.port}`;
const engineUrl = () => `ws://127.0.0.1:${fixture.port}/engine`;

/** Opens a socket as a page of ours would. */
async function openPage(): Promise<WebSocket> {
  const socket = new WebSocket(engineUrl(), { headers: { cookie: await fixture.cookie(), origin: origin() } });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}

const nextFrame = (socket: WebSocket) =>
  new Promise<Uint8Array>((resolve) => socket.once("message", (data) => resolve(data as Buffer)));
const closing = (socket: WebSocket) =>
  new Promise<{ code: number; words: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, words: reason.toString() })),
  );
const until = async (holds: () => boolean) => expect.poll(holds, { timeout: 30_000, interval: 5 }).toBe(true);

/** The status with which an upgrade is answered: 101 when it is accepted. */
function upgradeStatus(headers: Record<string, string>, path = "/engine"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: "127.0.0.1",
      port: fixture.port,
      path,
      agent: false,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    asked.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("the upgrade", () => {
  test("is for a page of ours with its cookie, or for who knows the token", async () => {
    const cookie = await fixture.cookie();
    expect(await upgradeStatus({ cookie, origin: origin(), "sec-fetch-site": "same-origin" })).toBe(101);
    expect(await upgradeStatus({ cookie, origin: origin() })).toBe(101);
    expect(await upgradeStatus({ authorization: `Bearer ${fixture.token}` })).toBe(101);
  });

  test("is refused without the token", async () => {
    expect(await upgradeStatus({ origin: origin() })).toBe(401);
    expect(await upgradeStatus({ origin: origin(), cookie: `peerscope-${fixture.port}=0` })).toBe(401);
    expect(await upgradeStatus({ origin: origin() }, `/engine?token=${fixture.token}`)).toBe(401);
  });

  test.each(["http://evil.example", "null", "https://127.0.0.1:PORT", "http://localhost:PORT", "http://127.0.0.1:1"])(
    "is refused to a page of %s, even with the cookie",
    async (foreign) => {
      const cookie = await fixture.cookie();
      const named = foreign.replace("PORT", String(fixture.port));
      expect(await upgradeStatus({ cookie, origin: named })).toBe(403);
      expect(await upgradeStatus({ authorization: `Bearer ${fixture.token}`, origin: named })).toBe(403);
    },
  );

  test("is refused when the browser says it comes from another site, or no origin is named", async () => {
    const cookie = await fixture.cookie();
    for (const site of ["cross-site", "same-site", "none"]) {
      expect(await upgradeStatus({ cookie, origin: origin(), "sec-fetch-site": site })).toBe(403);
    }
    expect(await upgradeStatus({ cookie })).toBe(403);
  });

  test("is refused under another host's name", async () => {
    const cookie = await fixture.cookie();
    expect(await upgradeStatus({ cookie, host: "evil.example", origin: "http://evil.example" })).toBe(421);
  });

  test("exists at /engine only", async () => {
    expect(await upgradeStatus({ cookie: await fixture.cookie(), origin: origin() }, "/")).toBe(404);
  });

  test("counts wrong tokens too", async () => {
    for (let i = 0; i < 5; i++) expect(await upgradeStatus({ authorization: `Bearer wrong${i}` })).toBe(401);
    expect(await upgradeStatus({ authorization: `Bearer ${fixture.token}` })).toBe(429);
  });

  test("is not upset by a socket that breaks off while it is refused", async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: fixture.port }, () => {
        socket.write("GET /engine HTTP/1.1\r\nhost: evil\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        socket.resetAndDestroy();
      });
      socket.on("close", () => resolve());
      socket.on("error", reject);
    });
    expect((await fixture.ask("/", { cookie: await fixture.cookie() })).status).toBe(200);
  });
});

describe("a page's socket", () => {
  test("carries updates down and commands up, one message a frame", async () => {
    const socket = await openPageWithFirstFrame();
    expect(decodeMessage(socket.first)).toEqual({ kind: "update", at: 1 });
    const command: ToEngine = {
      kind: "command",
      id: 7,
      command: { kind: "preview", source: { from: "bytes", bytes: Uint8Array.of(1, 2, 3) } },
    };
    socket.page.send(encodeMessage(command));
    await until(() => fixture.engine.received.length === 1);
    expect(fixture.engine.received[0]).toEqual(command);
    const reply = nextFrame(socket.page);
    fixture.engine.deliveries[0]?.({ kind: "reply", id: 7, ok: false, error: "no" });
    expect(decodeMessage(await reply)).toEqual({ kind: "reply", id: 7, ok: false, error: "no" });
  });

  test("takes a .torrent file of 64 MiB", async () => {
    const page = await openPage();
    const bytes = new Uint8Array(64 * 1024 * 1024);
    page.send(
      encodeMessage({ kind: "command", id: 1, command: { kind: "preview", source: { from: "bytes", bytes } } }),
    );
    await until(() => fixture.engine.received.length === 1);
  });

  test.each([
    ["not MessagePack", Uint8Array.of(0xc1), /^not one MessagePack value/],
    ["two values", Uint8Array.of(1, 2), /^not one MessagePack value/],
    ["an unknown kind", encodeMessage({ kind: "run" } as unknown as ToEngine), /^kind: /],
    [
      "an unknown command",
      encodeMessage({ kind: "command", id: 1, command: { kind: "shell" } } as unknown as ToEngine),
      /./,
    ],
    ["a prototype", encodeMessage(JSON.parse('{"__proto__":{"kind":"watch"}}')), /./],
  ])("is closed with words when it sends %s, and nothing reaches the engine", async (_name, frame, words) => {
    const page = await openPage();
    const closed = closing(page);
    page.send(frame);
    const { code, words: given } = await closed;
    expect(code).toBe(1008);
    expect(given).toMatch(words);
    expect(fixture.engine.received).toEqual([]);
    await until(() => fixture.engine.closedPorts === 1);
  });

  test("is closed when it sends text, or more than 80 MiB", async () => {
    const talker = await openPage();
    const talked = closing(talker);
    talker.send("hello");
    expect((await talked).code).toBe(1003);
    const flooder = await openPage();
    const flooded = closing(flooder);
    flooder.on("error", () => {});
    flooder.send(new Uint8Array(80 * 1024 * 1024 + 1));
    expect([1006, 1009]).toContain((await flooded).code);
    expect(fixture.engine.received).toEqual([]);
  });

  test("is dropped when it does not read, and another page goes on", async () => {
    const slow = await openPage();
    const good = await openPage();
    slow.pause();
    const closed = closing(slow);
    const text = "x".repeat(1024 * 1024);
    let sent = 0;
    await until(() => {
      if (fixture.engine.closedPorts > 0) return true;
      fixture.engine.deliveries[0]?.({ kind: "reply", id: sent++, ok: false, error: text });
      return false;
    });
    // 8 MiB that may wait, and what fits into the system's own buffers.
    expect(sent).toBeLessThan(64);
    slow.resume();
    expect((await closed).code).toBe(1006);
    const reply = nextFrame(good);
    fixture.engine.deliveries[1]?.({ kind: "reply", id: 1, ok: true, value: 2 });
    expect(decodeMessage(await reply)).toEqual({ kind: "reply", id: 1, ok: true, value: 2 });
  });

  test("tells the engine when it goes", async () => {
    const page = await openPage();
    page.close();
    await until(() => fixture.engine.closedPorts === 1);
  });

  test("ends when the host closes, and the engine is told", async () => {
    const page = await openPage();
    const closed = closing(page);
    await fixture.host.close();
    expect((await closed).code).toBe(1006);
    expect(fixture.engine.closedPorts).toBe(1);
  });
});

async function openPageWithFirstFrame(): Promise<{ page: WebSocket; first: Uint8Array }> {
  const page = new WebSocket(engineUrl(), { headers: { cookie: await fixture.cookie(), origin: origin() } });
  return { page, first: await nextFrame(page) };
}
