import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { needs } from "../../setup/requirements.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const parameters = {
  infoHash: new Uint8Array(20).fill(7),
  peerId: new Uint8Array(20).fill(8),
  key: "1",
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 0,
  numwant: 50,
};
const CONNECTION = Buffer.from("peerscop");

/** A tracker on loopback that is asked `(action, datagram)` and answers with datagrams. */
async function startUdpTracker(manner: (action: number, asked: Buffer) => readonly Buffer[], host = "127.0.0.1") {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const asked: Buffer[] = [];
  socket.on("message", (datagram: Buffer, from: RemoteInfo) => {
    asked.push(datagram);
    for (const answer of manner(datagram.readUInt32BE(8), datagram)) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, host);
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return {
    asked,
    socket,
    tracker: `udp://${host.includes(":") ? `[${host}]` : host}:${socket.address().port}/announce`,
  };
}

const head = (action: number, asked: Buffer): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(action);
  asked.copy(bytes, 4, 12, 16);
  return bytes;
};
const connected = (asked: Buffer): Buffer => Buffer.concat([head(0, asked), CONNECTION]);
const numbers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value, 4 * at);
  });
  return bytes;
};

const announce = (tracker: string, timeout = 5000) =>
  askTracker({ url: tracker, tracker, timeout, udp: { kind: "announce", parameters } });

const text = (result: Awaited<ReturnType<typeof announce>>): string =>
  result.ok ? Buffer.from(result.body).toString("latin1") : result.fault;

describe("a UDP tracker", () => {
  test("is asked in two steps, and knows us by its connection the next time", async () => {
    const { asked, tracker } = await startUdpTracker((action, datagram) =>
      action === 0 ? [connected(datagram)] : [Buffer.concat([head(1, datagram), numbers(1800, 1, 2)])],
    );
    const answer = "d8:completei2e10:incompletei1e8:intervali1800e5:peers0:e";
    expect(text(await announce(tracker))).toBe(answer);
    expect(text(await announce(tracker))).toBe(answer);
    expect(asked.map((datagram) => datagram.length)).toEqual([16, 98, 98]);
    expect(asked[1]?.subarray(0, 8)).toEqual(CONNECTION);
  });

  test("is asked over IPv6, and names peers of it", needs(hasIpv6 ? undefined : "no IPv6 loopback"), async () => {
    const peer = Buffer.alloc(18, 1);
    const { tracker } = await startUdpTracker(
      (action, datagram) =>
        action === 0 ? [connected(datagram)] : [Buffer.concat([head(1, datagram), numbers(1800, 1, 2), peer])],
      "::1",
    );
    expect(text(await announce(tracker))).toContain(`6:peers618:${peer.toString("latin1")}`);
  });

  test("that refuses is told in its words, and is asked for another connection", async () => {
    const { asked, tracker } = await startUdpTracker((action, datagram) =>
      action === 0 ? [connected(datagram)] : [Buffer.concat([head(3, datagram), Buffer.from("no such torrent")])],
    );
    for (let i = 0; i < 2; i++) expect(text(await announce(tracker))).toBe("d14:failure reason15:no such torrente");
    expect(asked.map((datagram) => datagram.length)).toEqual([16, 98, 16, 98]);
  });

  test("that answers with garbage, cut short, or to what was not asked, has not answered", async () => {
    const { tracker } = await startUdpTracker((_, datagram) => [
      Buffer.alloc(0),
      Buffer.alloc(60_000, 1),
      head(0, datagram),
      Buffer.concat([head(1, datagram), numbers(1, 2, 3)]),
      Buffer.concat([numbers(0, 0), CONNECTION]),
    ]);
    expect(text(await announce(tracker, 300))).toBe("no answer within 0.3 s");
  });

  test("is not believed when it speaks from another address", async () => {
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    onTestFinished(() => void stranger.close());
    const { socket, tracker } = await startUdpTracker(() => []);
    socket.on("message", (datagram: Buffer, from: RemoteInfo) => {
      stranger.send(connected(datagram), from.port, from.address);
    });
    expect(text(await announce(tracker, 300))).toBe("no answer within 0.3 s");
  });

  test("that nobody listens for, that has no name, or that is another service here, is a fault in words", async () => {
    const { asked, tracker } = await startUdpTracker(() => []);
    const elsewhere = tracker.replace("/announce", "/admin");
    expect(text(await announce(elsewhere))).toMatch(/only asked under \/announce/);
    expect(text(await announce(`${tracker}?a=1`))).toMatch(/only asked under \/announce/);
    const free = createSocket("udp4");
    free.bind(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address();
    await new Promise<void>((resolve) => free.close(() => resolve()));
    expect(text(await announce(`udp://127.0.0.1:${port}/announce`))).toBe("connection refused");
    expect(asked).toEqual([]);
  });
});
