import { connect, type Socket } from "node:net";
import type { ProxyServer } from "../../model/proxy.ts";
import type { Millis } from "../../model/units.ts";
import { type Destination, ProxyRefusal, proxyName, type TunnelTalk, talkTo } from "./tunnel.ts";

interface TunnelOptions {
  readonly localAddress: string | undefined;
  /** For all of it. */
  readonly timeout: Millis;
  readonly signal: AbortSignal;
}

/** @returns A socket whose other end is where the proxy was asked to connect to. */
export async function openTunnel(proxy: ProxyServer, to: Destination, options: TunnelOptions): Promise<Socket> {
  return (await converse(proxy, talkTo(proxy, to), options)).socket;
}

/** Has the conversation that opens a way. @throws ProxyRefusal, with the name of the proxy. */
export function converse(
  proxy: ProxyServer,
  talk: TunnelTalk,
  { localAddress, timeout, signal }: TunnelOptions,
): Promise<{ readonly socket: Socket; readonly at: Destination | undefined }> {
  return new Promise((resolve, reject) => {
    const refuse = (words: string): ProxyRefusal => new ProxyRefusal(`the proxy ${proxyName(proxy)}: ${words}`);
    const { host, port } = proxy;
    const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    const stop = (): void => void socket.destroy(refuse("it was stopped here"));
    const timer = setTimeout(() => socket.destroy(refuse(`no way within ${timeout / 1000} s`)), timeout);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    const fail = (error: Error | undefined): void => {
      settle();
      reject(error ?? refuse("it closed the connection"));
    };
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure = error instanceof ProxyRefusal ? error : refuse(error.message);
    });
    socket.on("end", () => socket.destroy());
    socket.on("connect", () => socket.write(talk.begin()));
    socket.on("close", () => fail(failure));
    socket.on("data", (chunk: Buffer) => {
      const progress = talk.receive(chunk);
      if (progress.kind === "refused") socket.destroy(refuse(progress.words));
      else if (progress.kind === "more") {
        if (progress.send !== undefined) socket.write(progress.send);
      } else {
        settle();
        socket.pause();
        socket.removeAllListeners();
        // Until it has another owner.
        socket.on("error", () => undefined);
        if (progress.rest.length > 0) socket.unshift(Uint8Array.from(progress.rest));
        resolve({ socket, at: progress.at });
      }
    });
  });
}
