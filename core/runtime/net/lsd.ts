import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import {
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LOCAL_PORT,
  type LocalAnnounce,
  LocalDiscovery,
} from "../../discovery/local-discovery.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import { seededRandom } from "../../model/random.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import { seeksPeers } from "../../session/seeks-peers.ts";
import type { Torrent } from "../../session/torrent.ts";

/** Interfaces come and go, and torrents fall due. */
const TICK: Millis = 15_000;
/** Machines have a few; those of containers and tunnels are many. */
const MOST_INTERFACES = 32;

interface LsdOptions {
  readonly torrents: ReadonlyMap<TorrentId, Torrent>;
  /** An address of this machine: nothing passes its interface by. Undefined: all interfaces. */
  readonly bindHost: string | undefined;
  readonly now: () => Timestamp;
  /** Where we listen for peers. */
  port(): number | undefined;
}

/** An interface in one family of addresses, as multicast names it. */
interface Place {
  readonly family: keyof typeof LOCAL_GROUPS;
  readonly name: string;
}

/**
 * Finds peers on the local network (BEP 14): a multicast socket for every interface and family. Loopback is none of
 * them: who is bound to it wants to meet nobody, and is left alone.
 */
export class LsdHost {
  readonly #options: LsdOptions;
  readonly #discovery: LocalDiscovery;
  readonly #sockets = new Map<string, { readonly place: Place; readonly socket: Socket; isOpen: boolean }>();
  /** What was said last, for interfaces that come later. */
  #last: readonly LocalAnnounce[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LsdOptions) {
    this.#options = options;
    this.#discovery = new LocalDiscovery(seededRandom(randomBytes(4).readUInt32LE()));
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#tend(), TICK);
    this.#timer.unref();
    this.#tend();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const key of [...this.#sockets.keys()]) this.#close(key);
  }

  /** A torrent began, or another thing happened that need not wait. */
  wake(): void {
    if (this.#timer !== undefined) this.#announce();
  }

  #tend(): void {
    const places = new Map(placesOf(this.#options.bindHost).map((place) => [`${place.family} ${place.name}`, place]));
    for (const key of [...this.#sockets.keys()]) if (!places.has(key)) this.#close(key);
    for (const [key, place] of places) if (!this.#sockets.has(key)) this.#open(key, place);
    this.#announce();
  }

  #open(key: string, place: Place): void {
    const isIpv6 = place.family === "ipv6";
    const group = LOCAL_GROUPS[place.family];
    const socket = createSocket({ type: isIpv6 ? "udp6" : "udp4", reuseAddr: true, ipv6Only: isIpv6 });
    const entry = { place, socket, isOpen: false };
    this.#sockets.set(key, entry);
    // An interface that can't do it is left out; it is tried again when it comes anew.
    socket.on("error", () => undefined);
    socket.on("message", (datagram, from) => this.#received(datagram, from.address));
    // On Linux this keeps out what is not sent to the group; others can't bind to one.
    const address = process.platform === "linux" && !isIpv6 ? group : undefined;
    socket.bind({ port: LOCAL_PORT, ...(address === undefined ? {} : { address }) }, () => {
      if (this.#sockets.get(key) !== entry) return;
      try {
        socket.addMembership(group, place.name);
        socket.setMulticastInterface(place.name);
        entry.isOpen = true;
      } catch {
        return;
      }
      this.#say(entry, this.#last);
    });
    socket.unref();
  }

  #close(key: string): void {
    const entry = this.#sockets.get(key);
    this.#sockets.delete(key);
    entry?.socket.close();
  }

  #announce(): void {
    const port = this.#options.port();
    if (port === undefined) return;
    const due = this.#discovery.due(this.#torrents(), port, this.#options.now());
    if (due.length === 0) return;
    this.#last = due;
    for (const entry of this.#sockets.values()) if (entry.isOpen) this.#say(entry, due);
  }

  #say(
    { place, socket }: { readonly place: Place; readonly socket: Socket },
    announces: readonly LocalAnnounce[],
  ): void {
    const group = LOCAL_GROUPS[place.family];
    for (const announce of announces) socket.send(encodeLocalAnnounce(group, announce), LOCAL_PORT, group);
  }

  *#torrents(): Iterable<TorrentId> {
    for (const torrent of this.#options.torrents.values()) if (seeksPeers(torrent)) yield torrent.id;
  }

  #received(datagram: Uint8Array, host: string): void {
    const now = this.#options.now();
    for (const { torrent: id, endpoint } of this.#discovery.received(datagram, host, now)) {
      const torrent = this.#options.torrents.get(id);
      if (torrent !== undefined && seeksPeers(torrent)) torrent.found([endpoint], { kind: "lsd" }, now);
    }
  }
}

function placesOf(bindHost: string | undefined): Place[] {
  const places: Place[] = [];
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const own = addresses.filter(
      ({ internal, address }) => !internal && (bindHost === undefined || address === bindHost),
    );
    const ipv4 = own.find(({ family }) => family === "IPv4");
    if (ipv4 !== undefined) places.push({ family: "ipv4", name: ipv4.address });
    const ipv6 = own.find(({ family }) => family === "IPv6");
    if (ipv6 === undefined) continue;
    // Windows knows interfaces by number.
    const zone = process.platform === "win32" && "scopeid" in ipv6 ? ipv6.scopeid : name;
    places.push({ family: "ipv6", name: `::%${zone}` });
  }
  return places.slice(0, MOST_INTERFACES);
}
