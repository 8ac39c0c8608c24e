import { createSocket, type Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { announcedEpoch } from "../../discovery/port-mapping/announcement.ts";
import type { Endpoint } from "../../model/endpoint.ts";

/** Hears what routers tell everybody unasked. Never throws: without it, answers tell the same later. */
export class RouterAnnouncements {
  readonly #at: Endpoint;
  readonly #heard: (epoch: number, from: string) => void;
  #socket: Socket | undefined;

  /**
   * @param at - A group of the local network, or an address of ours.
   * @param heard - Anybody may say so: it is for the caller to know who its router is.
   */
  constructor(at: Endpoint, heard: (epoch: number, from: string) => void) {
    this.#at = at;
    this.#heard = heard;
  }

  listen(): void {
    if (this.#socket !== undefined) return;
    // Others on this machine listen there, too.
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    this.#socket = socket;
    const { host, port } = this.#at;
    const isGroup = isIPv4(host) && Number(host.split(".")[0]) >= FIRST_GROUP;
    socket.on("error", () => this.close());
    socket.on("message", (datagram, { address }) => {
      const epoch = announcedEpoch(datagram);
      if (epoch !== undefined) this.#heard(epoch, address);
    });
    socket.bind(port, isGroup ? undefined : host, () => {
      try {
        if (isGroup) socket.addMembership(host);
      } catch {
        // Everybody is in the group of all hosts anyway.
      }
    });
    socket.unref();
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}

const FIRST_GROUP = 224;
