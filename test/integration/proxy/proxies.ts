import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { addressText } from "../../../core/model/address.ts";

/** A proxy on loopback that writes down what it is asked for. Every name leads to 127.0.0.1. */
export interface TestProxy {
  readonly port: number;
  /** `HOST:PORT`, as it was asked. */
  readonly asked: string[];
  /** The user and password of each caller. */
  readonly callers: string[];
  /** The ports that its own connections come from. */
  readonly ports: Set<number>;
}

async function serve(talk: (socket: Socket, read: (length: number) => Promise<Buffer>) => Promise<void>) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const read = async (length: number): Promise<Buffer> => {
      for (;;) {
        const bytes: Buffer | null = socket.read(length);
        if (bytes !== null) return bytes;
        await Promise.race([
          once(socket, "readable"),
          once(socket, "close").then(() => Promise.reject(new Error("it hung up"))),
        ]);
      }
    };
    // Whoever hangs up has said all that there is to say.
    talk(socket, read).catch(() => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** Connects the caller to where it wants. */
async function join(socket: Socket, port: number, ports: Set<number>, greeting: Uint8Array | string): Promise<void> {
  const out = connect(port, "127.0.0.1");
  out.on("error", () => socket.destroy());
  await once(out, "connect");
  ports.add(out.localPort as number);
  socket.write(greeting);
  out.pipe(socket);
  socket.pipe(out);
  socket.on("close", () => out.destroy());
  out.on("close", () => socket.destroy());
}

const ASSOCIATE = 3;

/**
 * @param reply - Of RFC 1928; 0: it connects.
 * @param associate - What it does for who wants datagrams passed on; absent: it does not do that.
 */
export async function startSocks(
  password?: string,
  reply = 0,
  associate?: (socket: Socket) => void,
): Promise<TestProxy> {
  const proxy = { asked: [] as string[], callers: [] as string[], ports: new Set<number>() };
  const port = await serve(async (socket, read) => {
    const methods = await read((await read(2))[1] as number);
    const wanted = password === undefined ? 0 : 2;
    if (!methods.includes(wanted)) {
      socket.end(Buffer.of(5, 0xff));
      return;
    }
    socket.write(Buffer.of(5, wanted));
    if (password !== undefined) {
      const user = await read((await read(2))[1] as number);
      const word = await read((await read(1))[0] as number);
      proxy.callers.push(`${user}:${word}`);
      socket.write(Buffer.of(1, `${word}` === password ? 0 : 1));
      if (`${word}` !== password) return;
    }
    const [, command, , type] = await read(4);
    const length = type === 1 ? 4 : type === 4 ? 16 : ((await read(1))[0] as number);
    const host = await read(length);
    const to = (await read(2)).readUInt16BE();
    if (command === ASSOCIATE) {
      if (associate === undefined) socket.end(Buffer.of(5, 7, 0, 1, 0, 0, 0, 0, 0, 0));
      else associate(socket);
      socket.resume();
      return;
    }
    proxy.asked.push(`${type === 3 ? host : addressText(Uint8Array.from(host))}:${to}`);
    const answer = Buffer.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
    if (reply === 0) await join(socket, to, proxy.ports, answer);
    else socket.end(answer);
  });
  return { ...proxy, port };
}

/** A SOCKS proxy that passes on datagrams, too, and writes down where. Every name leads to 127.0.0.1. */
export interface TestRelay extends TestProxy {
  /** `HOST:PORT`, as it was told, of each datagram. */
  readonly passed: string[];
  /** The port that datagrams of its callers are sent to. */
  readonly datagramPort: number;
  /** The connections over which it was asked to; it passes nothing on without one. */
  readonly controls: Set<Socket>;
  /** How often it was asked to. */
  readonly associations: number;
  /** Tells its caller anything. */
  say(bytes: Uint8Array): void;
}

/** @param host - That it tells to send datagrams to; its own address at 0.0.0.0. @param told - The port; its own if absent. */
export async function startRelay(host = "0.0.0.0", told?: number): Promise<TestRelay> {
  const inside = createSocket("udp4").bind(0, "127.0.0.1");
  const outside = createSocket("udp4").bind(0, "127.0.0.1");
  await Promise.all([once(inside, "listening"), once(outside, "listening")]);
  const controls = new Set<Socket>();
  const passed: string[] = [];
  let caller: RemoteInfo | undefined;
  let associations = 0;
  inside.on("message", (bytes, from) => {
    if (controls.size === 0) return;
    caller = from;
    const type = bytes[3];
    const end = type === 3 ? 5 + (bytes[4] as number) : type === 1 ? 8 : 20;
    const address = bytes.subarray(type === 3 ? 5 : 4, end);
    const port = bytes.readUInt16BE(end);
    passed.push(`${type === 3 ? address : addressText(Uint8Array.from(address))}:${port}`);
    outside.send(bytes.subarray(end + 2), port, "127.0.0.1");
  });
  const say = (bytes: Uint8Array): void => inside.send(bytes, caller?.port, caller?.address);
  outside.on("message", (bytes, { port }) => {
    if (caller !== undefined) say(Buffer.concat([Buffer.of(0, 0, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff), bytes]));
  });
  onTestFinished(() => {
    inside.close();
    outside.close();
  });
  const proxy = await startSocks(undefined, 0, (socket) => {
    associations++;
    controls.add(socket);
    socket.on("close", () => controls.delete(socket));
    const { port } = told === undefined ? inside.address() : { port: told };
    socket.write(Buffer.of(5, 0, 0, 1, ...host.split(".").map(Number), port >> 8, port & 0xff));
  });
  proxy.ports.add(outside.address().port);
  return {
    ...proxy,
    passed,
    controls,
    datagramPort: inside.address().port,
    say,
    get associations() {
      return associations;
    },
  };
}

/** CONNECT, and requests by their whole address. */
export async function startHttpProxy(password?: string): Promise<TestProxy> {
  const proxy = { asked: [] as string[], callers: [] as string[], ports: new Set<number>() };
  const port = await serve(async (socket, read) => {
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += (await read(1)).toString("latin1");
    const [, method = "", target = ""] = /^(\S+) (\S+)/.exec(head) ?? [];
    const credentials = /^proxy-authorization: Basic (\S+)/im.exec(head)?.[1];
    if (credentials !== undefined) proxy.callers.push(Buffer.from(credentials, "base64").toString());
    if (password !== undefined && !proxy.callers.at(-1)?.endsWith(`:${password}`)) {
      socket.end("HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const url = new URL(method === "CONNECT" ? `http://${target}` : target);
    proxy.asked.push(`${method} ${url.host}`);
    if (method === "CONNECT") return join(socket, Number(url.port), proxy.ports, "HTTP/1.1 200 Go\r\n\r\n");
    const out = connect(Number(url.port), "127.0.0.1");
    out.on("error", () => socket.destroy());
    await once(out, "connect");
    proxy.ports.add(out.localPort as number);
    out.write(head.replace(target, url.pathname + url.search).replace(/^proxy-authorization:.*\r\n/im, ""));
    out.pipe(socket);
    socket.pipe(out);
  });
  return { ...proxy, port };
}

/** Answers each thing it is told with the next of its answers, a byte at a time; then hangs up. */
export function startDripping(answers: readonly Uint8Array[]): Promise<number> {
  return serve(async (socket) => {
    socket.setNoDelay(true);
    for (const answer of answers) {
      await once(socket, "data");
      for (const byte of answer) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    socket.end();
  });
}

/** Sends what it is given as soon as somebody calls. */
export function startStranger(says: Uint8Array | string): Promise<number> {
  return serve(async (socket) => {
    socket.resume();
    socket.write(says);
  });
}
