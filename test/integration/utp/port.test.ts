import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { Closing } from "../../../core/model/close-reason.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { UtpPort } from "../../../core/runtime/net/utp.ts";
import { until } from "../../setup/until.ts";
import { type Draft, packet, read } from "../../unit/utp/packets.ts";

/** One end of a connection. */
class End {
  link: PeerLink | undefined;
  readonly chunks: Buffer[] = [];
  closing: Closing | undefined;

  connected(link: PeerLink): void {
    this.link = link;
  }

  received(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
  }

  ended(closing: Closing): void {
    this.closing = closing;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

const ports: UtpPort[] = [];
let maxConnections = 100;

async function open(host = "127.0.0.1", port = 0) {
  const accepted: { readonly from: Endpoint; readonly end: End }[] = [];
  const opened = await UtpPort.open({
    host: host === "every" ? undefined : host,
    port,
    maxConnections: () => maxConnections,
    accept: (from, link) => {
      const end = new End();
      end.link = link;
      accepted.push({ from, end });
      return end;
    },
  });
  ports.push(opened);
  return { port: opened, accepted, endpoint: { host, port: opened.number } };
}

/** A connection between two ports, both ends of it. */
async function connect(host?: string) {
  const there = await open(host);
  const here = await open(host);
  const near = new End();
  here.port.dial(there.endpoint, near);
  await until(() => near.link !== undefined);
  near.link?.send(Uint8Array.of(0));
  await until(() => there.accepted.length > 0);
  const { from, end: far } = there.accepted[0] as (typeof there.accepted)[number];
  return { near, far, from, here, there };
}

afterEach(async () => {
  maxConnections = 100;
  for (const port of ports.splice(0)) port.close();
});

describe("uTP over real sockets", () => {
  it("carries megabytes both ways at once", async () => {
    const { near, far, from, here } = await connect();
    expect(from).toEqual({ host: "127.0.0.1", port: here.port.number });
    const whole = Buffer.alloc(6_000_000);
    for (let at = 0; at + 4 <= whole.length; at += 4) whole.writeUInt32LE(at, at);
    let released = 0;
    for (const end of [near, far]) {
      for (let at = 0; at < whole.length; at += 16_384) {
        const block = whole.subarray(at, at + 16_384);
        end.link?.sendBlock(block.subarray(0, 13), block.subarray(13), () => released++);
      }
    }
    expect(near.link?.backlog).toBe(whole.length);
    await until(() => near.bytes.length === whole.length && far.bytes.length === whole.length + 1);
    expect(near.bytes.equals(whole)).toBe(true);
    expect(far.bytes.subarray(1).equals(whole)).toBe(true);
    expect(released).toBe(2 * Math.ceil(whole.length / 16_384));
  });

  it("tells the other side why it goes, after the last byte", async () => {
    const { near, far } = await connect();
    near.link?.send(Uint8Array.of(1, 2));
    near.link?.close(false, 257);
    await until(() => far.closing !== undefined);
    expect([...far.bytes]).toEqual([0, 1, 2]);
    expect(far.closing).toMatchObject({ reason: "closed-by-peer", by: "peer", closeReason: 257 });
  });

  it("releases what was given to a link that is closed", async () => {
    const { near } = await connect();
    near.link?.close(true, 0);
    let isReleased = false;
    near.link?.sendBlock(Uint8Array.of(1), Uint8Array.of(2), () => {
      isReleased = true;
    });
    expect(isReleased).toBe(true);
  });

  it("says that nobody answers", async () => {
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = await open();
    const end = new End();
    port.dial({ host: "127.0.0.1", port: silent.address().port }, end);
    await until(() => end.closing !== undefined);
    silent.close();
    expect(end.closing).toMatchObject({ reason: "connect-failed", by: "network" });
    expect(end.closing?.detail).toContain("no answer over uTP to 3 tries");
  });

  it("fails at once where it has no socket, or too many connections", async () => {
    const { port } = await open();
    const [other, full] = [new End(), new End()];
    port.dial({ host: "::1", port: 9 }, other);
    maxConnections = 0;
    port.dial({ host: "127.0.0.1", port: 9 }, full);
    await until(() => other.closing !== undefined && full.closing !== undefined);
    expect([other.closing?.reason, full.closing?.reason]).toEqual(["connect-failed", "resource"]);
  });

  it("reports nothing of a dial that was given up", async () => {
    const { port } = await open();
    const ends = [new End(), new End()];
    const giveUps = [
      port.dial({ host: "::1", port: 9 }, ends[0] as End),
      port.dial({ host: "127.0.0.1", port: 9 }, ends[1] as End),
    ];
    for (const giveUp of giveUps) giveUp();
    const { near } = await connect();
    near.link?.close(false, 0);
    expect(ends.map(({ closing }) => closing)).toEqual([undefined, undefined]);
  });

  it("keeps connections when the port takes no new ones, and takes new ones again", async () => {
    const { near, far, there, here } = await connect();
    there.port.close();
    near.link?.send(Uint8Array.of(7));
    await until(() => far.bytes.includes(7));
    const refused = new End();
    here.port.dial(there.endpoint, refused);
    await until(() => refused.closing !== undefined);
    there.port.reopen();
    const again = new End();
    here.port.dial(there.endpoint, again);
    await until(() => again.link !== undefined);
    expect(there.port.isOpen).toBe(true);
  });

  it("frees the port with its last connection", async () => {
    const { near, there } = await connect();
    there.port.close();
    expect(there.port.isOpen).toBe(true);
    near.link?.close(false, 0);
    await until(() => !there.port.isOpen);
    const { port } = await open("127.0.0.1", there.port.number);
    expect(port.number).toBe(there.port.number);
  });

  it("can't take a port that is taken", async () => {
    const { port } = await open();
    await expect(open("127.0.0.1", port.number)).rejects.toThrow("EADDRINUSE");
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === "IPv6"));
  it.runIf(hasIpv6)("hears both families on one port", async () => {
    const { port, accepted } = await open("every");
    for (const host of ["127.0.0.1", "::1"]) {
      const { port: dialling } = await open(host);
      const end = new End();
      dialling.dial({ host, port: port.number }, end);
      await until(() => end.link !== undefined);
      end.link?.send(Uint8Array.of(1));
    }
    await until(() => accepted.length === 2);
    expect(accepted.map(({ from }) => from.host)).toEqual(["127.0.0.1", "::1"]);
  });

  it("is not disturbed by what else comes to the port", async () => {
    const { near, far, there } = await connect();
    const stranger = createSocket("udp4");
    for (const text of [
      "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
      "",
      "x",
      "\x01\x00",
      "A".repeat(2000),
    ]) {
      stranger.send(Buffer.from(text, "latin1"), there.endpoint.port, there.endpoint.host);
    }
    near.link?.send(Uint8Array.of(9));
    await until(() => far.bytes.includes(9));
    stranger.close();
    expect(far.closing).toBeUndefined();
  });

  it("sends nothing but answers to its SYNs to who has not shown that it hears them", async () => {
    const { endpoint, accepted } = await open();
    const stranger = createSocket("udp4");
    const answers: Buffer[] = [];
    stranger.on("message", (datagram) => answers.push(datagram));
    const say = (draft: Draft): void => stranger.send(packet(draft), endpoint.port, endpoint.host);
    say({ type: "syn", connectionId: 7, sequence: 1 });
    await until(() => answers.length === 1);
    const [first] = answers.map(read);
    for (let i = 0; i < 50; i++) {
      const acknowledged = ((first?.sequence ?? 0) + 1 + i) & 0xffff;
      say({ type: "data", connectionId: 8, sequence: 2, acknowledged, payload: new Uint8Array(1000) });
    }
    say({ type: "syn", connectionId: 7, sequence: 1 });
    await until(() => answers.length === 2);
    expect(answers.map((answer) => [answer.length, answer[0]])).toEqual([
      [20, 0x21],
      [20, 0x21],
    ]);
    expect(accepted).toEqual([]);
    stranger.close();
  });

  it("serves others while ten thousand connections are asked for that nobody means", async () => {
    const { near, far, there } = await connect();
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    for (let id = 0; id < 10_000; id++) {
      stranger.send(packet({ type: "syn", connectionId: id, sequence: 1 }), there.endpoint.port, there.endpoint.host);
    }
    const whole = Buffer.alloc(2_000_000, 5);
    near.link?.send(whole);
    await until(() => far.bytes.length === 1 + whole.length);
    expect(there.accepted.length).toBe(1);
    stranger.close();
  });
});
