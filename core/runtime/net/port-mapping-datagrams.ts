import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { ASK_AGAIN } from "../../discovery/port-mapping/order.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import { isAnyAddress } from "../http/families.ts";

/**
 * Asks a router by datagram, again and again until it answers or the schedule is over. The socket is connected, so the
 * system lets nothing in but what comes from the router.
 *
 * @param request - Made when our own address towards the router is known.
 * @param read - Undefined for what is no answer to the request.
 * @returns Undefined when nobody answered. Never throws.
 */
export async function askByDatagram<T>(
  to: Endpoint,
  from: string | undefined,
  signal: AbortSignal,
  request: (ourHost: string) => Uint8Array,
  read: (datagram: Uint8Array) => T | undefined,
): Promise<T | undefined> {
  const socket = await connected(to, from);
  if (socket === undefined) return undefined;
  const datagram = request(socket.address().address);
  let timer: NodeJS.Timeout | undefined;
  let end: () => void = () => {};
  const answer = await new Promise<T | undefined>((resolve) => {
    end = () => resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
    // Refused: nothing listens there.
    socket.on("error", end);
    socket.on("message", (message: Buffer) => {
      const found = read(message);
      if (found !== undefined) resolve(found);
    });
    const send = (tries: number): void => {
      socket.send(datagram);
      const wait = ASK_AGAIN[tries];
      timer = setTimeout(() => (ASK_AGAIN[tries + 1] === undefined ? end() : send(tries + 1)), wait);
    };
    if (signal.aborted) end();
    else send(0);
  });
  clearTimeout(timer);
  signal.removeEventListener("abort", end);
  socket.removeAllListeners("message");
  socket.close();
  return answer;
}

/** Our address on the way to `to`, by the system's routing table: nothing is sent. @returns Undefined without a way. */
export async function addressTowards(to: Endpoint, from: string | undefined): Promise<string | undefined> {
  const socket = await connected(to, from);
  const host = socket?.address().address;
  socket?.close();
  return host;
}

function connected(to: Endpoint, from: string | undefined): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv4(to.host) ? "udp4" : "udp6");
    socket.once("error", () => {
      socket.close();
      resolve(undefined);
    });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.bind(0, isAnyAddress(from) ? undefined : from, () => socket.connect(to.port, to.host));
  });
}
