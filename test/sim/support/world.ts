import type { Settings } from "../../../core/contract/views.ts";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { readTorrent } from "../../../core/metainfo/read.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import type { Closing } from "../../../core/model/close-reason.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import type { Transport } from "../../../core/model/peer-face.ts";
import { type Random, randomBytes, seededRandom } from "../../../core/model/random.ts";
import type { Millis } from "../../../core/model/units.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { Session, type SessionOptions } from "../../../core/session/session.ts";
import { defaultSettings } from "../../../core/session/settings.ts";
import type { Torrent } from "../../../core/session/torrent.ts";
import type { TorrentRecord } from "../../../core/session/torrent-record.ts";
import type { Tape } from "../../../core/session/trace/boundary.ts";
import { recordedSession } from "../../../core/session/trace/recorder.ts";
import { WebSeed } from "../../../core/swarm/web-seed.ts";
import { VirtualClock } from "./clock.ts";
import type { Content } from "./content.ts";
import { checkSession } from "./invariants.ts";
import { type Line, type Listener, SimNetwork } from "./network.ts";
import { type DiskManner, SimStorage } from "./storage.ts";
import { SimWeb } from "./web.ts";

const PORT = 6881;
const MIB = 1024 * 1024;
/** A tracker answers after this. */
const TRACKER_TRIP: Millis = 80;

export interface MachineOptions {
  /** Its address; one of a private network unless given. */
  readonly host?: string;
  readonly up?: number;
  readonly down?: number;
  readonly latency?: Millis;
  /** As {@link Line.socketBuffer}. */
  readonly socketBuffer?: number;
  /** Nobody can dial it, but whom it dials over uTP at the same time. */
  readonly isBehindNat?: boolean;
  readonly settings?: Partial<Settings>;
  /** What its connections are said to be over, where the other end does not say otherwise. */
  readonly transport?: Transport;
  /** Where its session is recorded. */
  readonly tape?: Tape;
}

export interface SharingOptions {
  /** All of it is on the disk and believed. */
  readonly isSeed?: boolean;
  /** These pieces are on the disk and believed. */
  readonly has?: readonly number[];
  readonly unwantedFiles?: readonly number[];
  readonly disk?: Partial<DiskManner>;
  readonly isPaused?: boolean;
  /** It takes and never gives: it unchokes nobody. */
  readonly isFreeRider?: boolean;
  readonly record?: Partial<TorrentRecord>;
}

/** Many machines, one clock, one seed. */
export class World {
  readonly seed: number;
  readonly random: Random;
  readonly clock = new VirtualClock();
  readonly network: SimNetwork;
  readonly web = new SimWeb(this.clock);
  readonly machines: Machine[] = [];
  /** Invariants are checked after every so many events. */
  checkEvery = 1;
  /** Who announced which torrent, for the tracker. */
  readonly announced = new Map<string, Set<Machine>>();

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.network = new SimNetwork(this.clock, this.random);
  }

  machine(options: MachineOptions = {}): Machine {
    const machine = new Machine(this, this.machines.length + 1, options);
    this.machines.push(machine);
    return machine;
  }

  /** Lets time pass until `isReached`. @throws With the seed when that is not within `limit` of virtual time. */
  runUntil(isReached: () => boolean, limit: Millis): void {
    const end = this.clock.now + limit;
    try {
      while (!isReached()) {
        const next = this.clock.next;
        if (next === undefined || next > end) throw new Error(`not reached within ${limit} ms\n${this.picture()}`);
        this.#step();
      }
    } catch (error) {
      if (error instanceof Error) error.message += ` (seed ${this.seed}, at ${this.clock.now - 1_700_000_000_000} ms)`;
      throw error;
    }
  }

  run(time: Millis): void {
    const end = this.clock.now + time;
    this.runUntil(() => (this.clock.next ?? end) >= end, time + 1);
    this.clock.now = end;
  }

  /** What every machine has, for the message of a failed run. */
  picture(): string {
    const lines: string[] = [];
    for (const { host, session } of this.machines) {
      for (const { swarm, activity } of session.torrents.values()) {
        const { ledger } = swarm;
        const { verified, partials, writing } = ledger;
        lines.push(
          `${host} ${activity.kind}: ${verified.count}/${verified.length}, ${partials.size} partial, ${writing.size} writing, ${swarm.peers.size} peers`,
        );
      }
    }
    return lines.join("\n");
  }

  #step(): void {
    this.clock.step();
    if (this.clock.happened % this.checkEvery !== 0) return;
    for (const machine of this.machines) if (machine.isOn) checkSession(machine.session);
  }
}

/** One computer with one session. */
export class Machine implements Listener {
  readonly world: World;
  readonly host: string;
  readonly line: Line;
  readonly session: Session;
  readonly storages = new Map<Torrent, SimStorage>();
  isOn = true;
  /** Connections of this machine that ended, by what its end was told or decided. */
  keeps = 0;
  readonly #transport: Transport | undefined;
  #cancelAdvance: (() => void) | undefined;

  constructor(world: World, number: number, options: MachineOptions) {
    this.world = world;
    this.#transport = options.transport;
    this.host = options.host ?? `10.0.${number >> 8}.${number & 255}`;
    this.line = {
      host: this.host,
      up: options.up ?? 4 * MIB,
      down: options.down ?? 16 * MIB,
      latency: options.latency ?? 15,
      socketBuffer: options.socketBuffer ?? 0,
      ...(options.transport === undefined ? {} : { transport: options.transport }),
    };
    const id = new Uint8Array(20);
    id.set(Buffer.from("-PS0100-"));
    id.set(randomBytes(world.random, 12), 8);
    const seed = world.random.uint32();
    const sessionOptions: Omit<SessionOptions, "random"> = {
      // Who knows whom is the test's to say.
      settings: { ...defaultSettings("/downloads"), pex: false, ...options.settings },
      ourPeerId: id,
      clientName: "Peerscope 0.1.0",
      digest: nodeDigest,
      announces: true,
      effects: {
        dial: (peer) => {
          const events = {
            received: (chunk: Uint8Array) => peer.receive(chunk, this.now),
            ended: (closing: Closing) => peer.disconnected(closing, this.now),
          };
          if (peer instanceof WebSeed) return world.web.dial(peer, this.#metainfoOf(peer), events);
          return world.network.dial(
            this.line,
            peer,
            (link) => {
              if (this.#transport !== undefined) peer.transport = this.#transport;
              peer.connected(link, this.now);
              return events;
            },
            events.ended,
            peer.isHolepunched,
          );
        },
        announce: (torrent, order) => {
          const peers = this.#peersFor(torrent, order.event === "stopped");
          world.clock.after(TRACKER_TRIP, () => {
            torrent.answered(order, encodeBencode({ interval: 120, peers }), this.now);
            this.wake();
          });
        },
        keep: () => {
          this.keeps++;
        },
        openMetadata: (torrent, file) => {
          const parsed = readTorrent(file, nodeDigest, torrent.metainfo.infoHash.kind === "v2");
          if (!parsed.ok) return parsed.fault.words;
          const storage = new SimStorage(world.clock, parsed.torrent, new Uint8Array(parsed.torrent.totalLength));
          this.storages.set(torrent, storage);
          return { metainfo: parsed.torrent, storage };
        },
        stored: () => {},
        bansChanged: () => {},
        wake: () => this.wake(),
      },
    };
    const { tape } = options;
    this.session =
      tape === undefined
        ? new Session({ ...sessionOptions, random: seededRandom(seed) })
        : recordedSession(sessionOptions, { tape, clock: () => this.now, version: "simulated", seed });
    this.session.listenPort = PORT;
    world.network.listen(this.line, PORT, this, options.isBehindNat ?? false);
    this.#advanceAt(this.now);
  }

  get now(): number {
    return this.world.clock.now;
  }

  get endpoint(): Endpoint {
    return { host: this.host, port: PORT };
  }

  /** Adds a torrent, and starts it unless it is to be paused. */
  share(content: Content, options: SharingOptions = {}): Torrent {
    const { metainfo } = content;
    const bytes = options.isSeed ? content.bytes : new Uint8Array(content.bytes.length);
    const verified = options.isSeed ? Bitfield.full(metainfo.pieceCount) : new Bitfield(metainfo.pieceCount);
    for (const piece of options.has ?? []) {
      const at = metainfo.layout.pieceOffset(piece);
      bytes.set(content.bytes.subarray(at, at + metainfo.layout.lengthOf(piece)), at);
      verified.set(piece);
    }
    const storage = new SimStorage(this.world.clock, metainfo, bytes, options.disk);
    const torrent = this.session.add(
      {
        metainfo,
        folder: "/downloads",
        addedAt: this.now,
        isPaused: options.isPaused ?? false,
        unwantedFiles: options.unwantedFiles ?? [],
        downloaded: 0,
        uploaded: 0,
        wasted: 0,
        extraTrackers: [],
        verified,
        unchecked: new Bitfield(metainfo.pieceCount),
        knownPeers: [],
        ...options.record,
      },
      storage,
      this.now,
    );
    this.storages.set(torrent, storage);
    if (options.isFreeRider === true) ride(torrent);
    if (options.isPaused !== true) torrent.resume(this.now);
    this.wake();
    return torrent;
  }

  storageOf(torrent: Torrent): SimStorage {
    return this.storages.get(torrent) as SimStorage;
  }

  /** The only torrent of this machine. */
  get torrent(): Torrent {
    const [torrent] = this.session.torrents.values();
    if (torrent === undefined) throw new Error(`${this.host} shares nothing`);
    return torrent;
  }

  knows(torrent: Torrent, ...others: readonly Machine[]): void {
    for (const other of others) this.session.addPeer(torrent, other.endpoint);
    this.wake();
  }

  accept(...[from, link, isPunched]: Parameters<Listener["accept"]>): ReturnType<Listener["accept"]> {
    const transport = isPunched ? "utp" : (link.to.transport ?? this.#transport ?? "tcp");
    const peer = this.session.accept(from, transport, link, this.now);
    return {
      received: (chunk) => peer.receive(chunk, this.now),
      ended: (closing) => peer.disconnected(closing, this.now),
    };
  }

  /** The plug is pulled: every connection breaks and nothing answers any more. */
  turnOff(): void {
    this.isOn = false;
    this.#cancelAdvance?.();
    this.world.network.stopListening(this.host, PORT);
    for (const link of [...this.world.network.links]) if (link.from.host === this.host) this.world.network.cut(link);
  }

  #metainfoOf(peer: Peer): Metainfo {
    for (const torrent of this.session.torrents.values()) if (torrent.swarm.peers.has(peer)) return torrent.metainfo;
    throw new Error(`${peer.host} is of no torrent`);
  }

  wake(): void {
    // The session asks for it while it is being made, too.
    if (this.session !== undefined) this.#advanceAt(this.now);
  }

  #advanceAt(at: number): void {
    this.#cancelAdvance?.();
    this.#cancelAdvance = this.world.clock.after(at - this.now, () => {
      if (!this.isOn) return;
      const next = this.session.advance(this.now);
      this.#advanceAt(Math.max(next, this.now + 1));
    });
  }

  #peersFor(torrent: Torrent, isLeaving: boolean): Uint8Array {
    const members = this.world.announced.get(torrent.id) ?? new Set();
    this.world.announced.set(torrent.id, members);
    const others = [...members].filter((member) => member !== this);
    if (isLeaving) members.delete(this);
    else members.add(this);
    const bytes = new Uint8Array(6 * others.length);
    others.forEach((member, i) => {
      bytes.set(member.host.split(".").map(Number), 6 * i);
      bytes.set([PORT >> 8, PORT & 255], 6 * i + 4);
    });
    return bytes;
  }
}

function ride({ swarm }: Torrent): void {
  const opened = swarm.opened.bind(swarm);
  swarm.opened = (peer) => {
    peer.setChoke = () => {};
    peer.mayAsk = () => false;
    opened(peer);
  };
}
