import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import type { Command, Watch } from "../../../core/contract/messages.ts";
import { type TorrentId, torrentId } from "../../../core/model/info-hash.ts";
import type { GonePeer } from "../../../core/model/peer-face.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { type Engine, type EngineOptions, type EnginePort, startEngine } from "../../../core/runtime/engine.ts";
import {
  applyUpdate,
  EMPTY_ENGINE_STATE,
  type EngineState,
  type TorrentDetails,
} from "../../../renderer/store/engine-state.ts";
import { type Content, makeContent } from "../../sim/support/content.ts";
import { RawListener, type RawPeer, uint32 } from "./raw-peer.ts";

const WORKER_FILE = pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js"));

let lastId = 0;
/** 20 bytes that no other peer of this run has. */
export const newPeerId = (): Buffer => Buffer.from(`-XX0001-${String(++lastId).padStart(12, "0")}`);

/** The real engine on loopback, and an interface that looks at everything. */
export class EngineFixture {
  readonly folder = mkdtempSync(join(tmpdir(), "peerscope-hostile-"));
  state: EngineState = EMPTY_ENGINE_STATE;
  #engine: Engine | undefined;
  #port: EnginePort | undefined;
  #commands = 0;
  readonly #watched: Watch[] = [];
  readonly #replies = new Map<number, (value: unknown) => void>();
  readonly #waiting: (() => void)[] = [];

  /** @param bindHost - An address that is not this machine's lets it dial nobody. */
  async start(bindHost = "127.0.0.1", more: Partial<EngineOptions> = {}): Promise<void> {
    if (!existsSync(WORKER_FILE)) throw new Error("dist/disk-worker.js is not built: npm run build");
    this.#engine = await startEngine({
      stateFolder: join(this.folder, "state"),
      diskWorker: WORKER_FILE,
      announces: false,
      ...more,
      overrides: { bindHost, downloadFolder: join(this.folder, "downloads"), ...more.overrides },
    });
    this.#port = this.#engine.connect((message) => {
      if (message.kind === "update") {
        this.state = applyUpdate(this.state, message);
        for (const resolve of this.#waiting.splice(0)) resolve();
        return;
      }
      this.#replies.get(message.id)?.(message.ok ? message.value : new Error(message.error));
    });
  }

  /** Quits and comes again, with what it kept. */
  async restart(): Promise<void> {
    await this.#engine?.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#engine?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get listenPort(): number {
    return this.state.session?.listenPort as number;
  }

  async command<T>(command: Command): Promise<T> {
    const id = ++this.#commands;
    const reply = await new Promise<unknown>((resolve) => {
      this.#replies.set(id, resolve);
      this.#port?.send({ kind: "command", id, command });
    });
    if (reply instanceof Error) throw reply;
    return reply as T;
  }

  /** Resolves with the first answer that is not undefined, asked anew with every update. */
  async seen<T>(question: (state: EngineState) => T | undefined): Promise<T> {
    for (;;) {
      const answer = question(this.state);
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Adds a torrent of its own, by its magnet link alone where that is wanted, which is watched from then on. */
  async add(content: Content, isMagnet = false): Promise<TorrentId> {
    const link = `magnet:?xt=urn:btih:${torrentId(content.metainfo.infoHash)}`;
    const preview = await this.command<{ token: string; id: TorrentId }>({
      kind: "preview",
      source: isMagnet ? { from: "magnet", link } : { from: "bytes", bytes: content.file },
    });
    this.#watched.push({ torrent: preview.id, parts: ["peers", "pieces", "log"] });
    this.#port?.send({ kind: "watch", watches: this.#watched });
    await this.command({ kind: "add", token: preview.token, folder: join(this.folder, "downloads") });
    // A web seed may have given all of it before anybody looked.
    const running = isMagnet ? ["fetching-metadata"] : ["downloading", "seeding"];
    await this.seen((state) => running.includes(state.torrents.get(preview.id)?.state ?? "") || undefined);
    return preview.id;
  }

  connect(torrent: TorrentId, port: number): Promise<void> {
    return this.command({ kind: "add-peer", torrent, host: "127.0.0.1", port });
  }

  details(torrent: TorrentId): TorrentDetails {
    return this.state.details.get(torrent) ?? {};
  }

  /** Waits for a connection of the torrent to end with `port` at the other side. */
  gone(torrent: TorrentId, port: number): Promise<GonePeer> {
    return this.seen((state) => state.details.get(torrent)?.gone?.find((peer) => peer.port === port));
  }

  /** Waits for a caller to be turned away. */
  refused(port: number): Promise<GonePeer> {
    return this.seen((state) => state.session?.refused.find((peer) => peer.port === port));
  }

  complete(torrent: TorrentId): Promise<boolean> {
    return this.seen((state) => state.torrents.get(torrent)?.state === "seeding" || undefined);
  }

  /** For the message of a failed test. */
  picture(torrent: TorrentId): string {
    const view = this.state.torrents.get(torrent);
    const { peers, gone, log } = this.details(torrent);
    const lines = [`${view?.state} ${view?.piecesVerified}/${view?.pieceCount}, ${view?.peersConnected} connected`];
    for (const peer of peers?.values() ?? []) {
      lines.push(
        `peer ${peer.port} ${peer.direction} ${peer.phase} ${flagLetters(peer)} asks ${peer.requestsOut} of ${peer.requestWindow}, has ${peer.piecesCount}`,
      );
    }
    for (const peer of gone ?? []) lines.push(`gone ${peer.port} ${peer.reason} ${peer.detail}`);
    for (const { text } of log ?? []) lines.push(`log ${text}`);
    for (const peer of this.state.session?.refused ?? [])
      lines.push(`refused ${peer.port} ${peer.reason} ${peer.detail}`);
    return lines.join("\n");
  }

  sha256(content: Content): string {
    const path = join(this.folder, "downloads", content.metainfo.name);
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  }
}

let lastContent = 100;
/** 16 pieces of 64 KiB that no other test has. */
export const freshContent = (): Content => makeContent([16 * 65536 - 100], 65536, { seed: ++lastContent });

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A seed in thirty lines, true to its word, that keeps the last piece it is asked for back until it is told to give it. */
export class HonestSeed {
  readonly listener: RawListener;
  readonly content: Content;
  #isGenerous = false;
  readonly #keptBack: (() => void)[] = [];

  private constructor(listener: RawListener, content: Content) {
    this.listener = listener;
    this.content = content;
  }

  static async open(content: Content): Promise<HonestSeed> {
    const { metainfo, bytes } = content;
    const asked = new Set<number>();
    const infoHash = Buffer.from("v1" in metainfo.infoHash ? metainfo.infoHash.v1 : []);
    const listener: RawListener = await RawListener.open((peer) => {
      void peer.handshake.then(() => {
        peer.shake(infoHash, newPeerId());
        peer.say(5, Buffer.alloc(Math.ceil(metainfo.pieceCount / 8), 0xff));
      });
      peer.onMessage = ({ id, payload }) => {
        if (id === 2) peer.say(1);
        if (id !== 6) return;
        const [piece, begin, length] = [0, 4, 8].map((at) => payload.readUInt32BE(at)) as [number, number, number];
        const at = piece * metainfo.pieceLength + begin;
        const give = () => peer.say(7, uint32(piece, begin), bytes.subarray(at, at + length));
        const isLast = asked.size === metainfo.pieceCount - 1 && !asked.has(piece);
        if (isLast && !seed.#isGenerous) seed.#keptBack.push(give);
        else {
          asked.add(piece);
          give();
        }
      };
    });
    const seed = new HonestSeed(listener, content);
    return seed;
  }

  get port(): number {
    return this.listener.port;
  }

  giveEverything(): void {
    this.#isGenerous = true;
    for (const give of this.#keptBack.splice(0)) give();
  }
}

/** Answers every request with bytes of its own making. */
export function answerRequests<Stream extends Duplex>(
  peer: RawPeer<Stream>,
  bytesOf: (piece: number, begin: number, length: number) => Uint8Array,
): void {
  peer.onMessage = ({ id, payload }) => {
    if (id !== 6) return;
    const [piece, begin, length] = [0, 4, 8].map((at) => payload.readUInt32BE(at)) as [number, number, number];
    peer.say(7, uint32(piece, begin), bytesOf(piece, begin, length));
  };
}
