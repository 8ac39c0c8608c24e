import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Bitfield } from "../../model/bitfield.ts";
import { fromLatin1 } from "../../model/bytes.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import { type Random, randomBelow } from "../../model/random.ts";
import {
  BLOCK_LENGTH,
  type Bytes,
  type BytesPerSecond,
  KIB,
  type Millis,
  type PieceIndex,
  type Timestamp,
} from "../../model/units.ts";
import type { Role } from "./cast.ts";
import { DemoLink, type LinkOwner } from "./demo-link.ts";
import type { DemoTorrent } from "./demo-torrent.ts";
import type { DemoTracker } from "./demo-tracker.ts";

/** The stage that all scripted peers share. */
export interface Stage {
  readonly torrent: DemoTorrent;
  readonly tracker: DemoTracker;
  readonly random: Random;
  /** Where the one who downloads listens, once it announced. */
  audience(): Endpoint | undefined;
  /** How fast the manners' clocks run: 1 as written; a demo in a hurry runs them faster. */
  readonly haste: number;
}

/** What a peer may send and ask for. Infinity: as fast as it goes. */
export interface Pace {
  readonly up: BytesPerSecond;
  readonly down: BytesPerSecond;
}

const REDIAL_AFTER: Millis = 8_000;
const MAX_LINKS = 8;
const MIN_BURST: Bytes = 2 * KIB;
/** Fewer blocks than a piece of the default size has: every piece that it alone gives is wrong. */
const CORRUPT_EVERY = 8;

/** One scripted peer over real sockets: its pieces, its manners, and the connections that it has. */
export class DemoPeer implements LinkOwner {
  readonly peerId: Uint8Array;
  readonly pieces: Bitfield;
  readonly version: string | undefined;
  readonly isFast: boolean;
  readonly isUploadOnly: boolean;
  listenPort: number | undefined;
  isChoking = false;
  isSilent = false;
  readonly #role: Role;
  readonly #stage: Stage;
  readonly #pace: Pace;
  readonly #host: string;
  readonly #links = new Set<DemoLink>();
  readonly #strangers = new Set<Socket>();
  #server: Server | undefined;
  #isPresent = false;
  #isClosed = false;
  #begunAt: Timestamp | undefined;
  #redialAt: Timestamp = 0;
  #gained = 0;
  #mayServe: Bytes = 0;
  #mayTake: Bytes = 0;
  #blocksServed = 0;

  /** @param host - The loopback address that is its own; 127.0.0.1 is used where the system knows no other. */
  constructor(role: Role, stage: Stage, pace: Pace, host: string) {
    this.#role = role;
    this.#stage = stage;
    this.#pace = pace;
    this.#host = host;
    this.version = role.version;
    this.isFast = role.isFast === true;
    this.isUploadOnly = role.isUploadOnly === true;
    const digits = Array.from({ length: 12 }, () => randomBelow(stage.random, 36).toString(36)).join("");
    this.peerId = fromLatin1(role.idPrefix + digits);
    this.pieces = new Bitfield(stage.torrent.layout.pieceCount);
    const wanted = Math.round(role.has * this.pieces.length);
    while (this.pieces.count < wanted) this.pieces.set(randomBelow(stage.random, this.pieces.length));
  }

  get infoHash(): Uint8Array {
    return this.#stage.torrent.infoHash;
  }

  get layout() {
    return this.#stage.torrent.layout;
  }

  get isLeecher(): boolean {
    return this.#role.takes !== undefined && !this.pieces.isFull;
  }

  /** Takes its place. Those that arrive later only learn their port. @throws When no loopback port can be had. */
  async begin(now: Timestamp): Promise<void> {
    await this.#listen(0);
    if (this.#role.impostor === "nobody") await this.#stopListening();
    this.#begunAt = now;
    if (this.#role.arrivesAfter === undefined) this.#arrive();
  }

  /** @param elapsed - Since the last tick. */
  tick(now: Timestamp, elapsed: Millis): void {
    if (this.#begunAt === undefined || this.#isClosed) return;
    const age = (now - this.#begunAt) * this.#stage.haste;
    this.#comeAndGo(age);
    const { moods } = this.#role;
    if (moods !== undefined) this.isChoking = age % (moods.serves + moods.chokes) >= moods.serves;
    if (!this.#isPresent) return;
    this.#gain(elapsed * this.#stage.haste);
    this.#dialWhenDue(now);
    // Nobody's line is quite even.
    const swell = 0.8 + 0.2 * Math.sin(age / 4_000 + (this.peerId[19] as number));
    this.#mayServe = refill(this.#mayServe, this.#pace.up * swell, elapsed, MIN_BURST);
    this.#mayTake = Math.min(refill(this.#mayTake, this.#pace.down, elapsed, BLOCK_LENGTH), 4 * BLOCK_LENGTH);
    for (const link of this.#links) {
      const { served, taken } = link.tick(now, Math.floor(this.#mayServe), Math.floor(this.#mayTake));
      this.#mayServe -= served;
      this.#mayTake -= taken;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#leave();
    await this.#stopListening();
  }

  blockServed(block: Uint8Array): Uint8Array {
    this.#blocksServed++;
    const { silentAfter, corruptAfter } = this.#role;
    if (silentAfter !== undefined && this.#blocksServed >= silentAfter) this.isSilent = true;
    if (corruptAfter === undefined || this.#blocksServed < corruptAfter) return block;
    if ((this.#blocksServed - corruptAfter) % CORRUPT_EVERY !== 0) return block;
    const wrong = block.slice();
    wrong[0] = (wrong[0] as number) ^ 0xff;
    return wrong;
  }

  pieceReceived(piece: PieceIndex): void {
    if (!this.pieces.set(piece)) return;
    this.#tellOf(piece);
  }

  closed(link: DemoLink): void {
    this.#links.delete(link);
  }

  #comeAndGo(age: Millis): void {
    const { arrivesAfter = 0, visits } = this.#role;
    const isHere = age >= arrivesAfter && (visits === undefined || age % (visits.stays + visits.away) < visits.stays);
    if (isHere && !this.#isPresent) this.#arrive();
    else if (!isHere && this.#isPresent) this.#leave();
  }

  #arrive(): void {
    this.#isPresent = true;
    if (this.listenPort === undefined) return;
    this.#stage.tracker.register(this.infoHash, {
      endpoint: { host: this.#address, port: this.listenPort },
      isSeed: this.pieces.isFull,
      peerId: this.peerId,
      isUnreachable: this.#role.dials === true,
    });
  }

  #leave(): void {
    this.#isPresent = false;
    for (const link of this.#links) link.close();
    for (const socket of this.#strangers) socket.destroy();
    if (this.listenPort === undefined) return;
    this.#stage.tracker.unregister(this.infoHash, { host: this.#address, port: this.listenPort });
  }

  /** Pieces that it gets from elsewhere. */
  #gain(elapsed: Millis): void {
    const { gains = 0 } = this.#role;
    if (gains === 0 || this.pieces.isFull) return;
    this.#gained += (gains * this.pieces.length * elapsed) / 60_000;
    for (; this.#gained >= 1 && !this.pieces.isFull; this.#gained--) {
      let piece = randomBelow(this.#stage.random, this.pieces.length);
      while (this.pieces.has(piece)) piece = (piece + 1) % this.pieces.length;
      this.pieces.set(piece);
      this.#tellOf(piece);
    }
  }

  #tellOf(piece: PieceIndex): void {
    for (const link of this.#links) link.have(piece);
    if (this.pieces.isFull && this.#isPresent) this.#arrive();
  }

  /** Those that come to us, and those that come back. A refusal is an answer too: it is tried again later. */
  #dialWhenDue(now: Timestamp): void {
    const target = this.#stage.audience();
    const returns = this.#role.visits !== undefined && this.#hasReturned(now);
    if (target === undefined || this.#links.size > 0 || now < this.#redialAt) return;
    if (this.#role.dials !== true && !returns) return;
    this.#redialAt = now + REDIAL_AFTER / this.#stage.haste;
    const socket = connect({ host: target.host, port: target.port, localAddress: this.#address });
    socket.on("error", () => undefined);
    socket.once("connect", () => {
      if (this.#isPresent) this.#links.add(new DemoLink(socket, this, true));
      else socket.destroy();
    });
  }

  #hasReturned(now: Timestamp): boolean {
    const { visits } = this.#role;
    const age = (now - (this.#begunAt as Timestamp)) * this.#stage.haste;
    return visits !== undefined && age > visits.stays + visits.away;
  }

  #accept(socket: Socket): void {
    if (!this.#isPresent || this.#links.size >= MAX_LINKS) {
      socket.destroy();
    } else if (this.#role.impostor === "other-protocol") {
      this.#strangers.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#strangers.delete(socket));
      socket.write("SSH-2.0-OpenSSH_9.2\r\n");
    } else {
      this.#links.add(new DemoLink(socket, this, false));
    }
  }

  get #address(): string {
    return this.#boundHost ?? this.#host;
  }
  #boundHost: string | undefined;

  async #listen(port: number): Promise<void> {
    for (const host of [this.#host, "127.0.0.1"]) {
      const server = createServer((socket) => this.#accept(socket));
      const isListening = await new Promise<boolean>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => {
          // macOS has no 127.0.0.2 unless it was configured.
          if (error.code === "EADDRNOTAVAIL" && host !== "127.0.0.1") resolve(false);
          else reject(error);
        });
        server.listen(port, host, () => resolve(true));
      });
      if (!isListening) continue;
      this.#server = server;
      this.#boundHost = host;
      this.listenPort = (server.address() as AddressInfo).port;
      return;
    }
  }

  #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
  }
}

/** A bucket that holds half a second of its rate, or `least` when that is more. */
function refill(held: Bytes, rate: BytesPerSecond, elapsed: Millis, least: Bytes): Bytes {
  if (rate === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return Math.min(held + (rate * elapsed) / 1000, Math.max(rate / 2, least));
}
