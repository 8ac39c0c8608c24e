import { constants } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RecordingPart, RecordingReply } from "../contract/messages.ts";
import { RECORDING_EXTENSION, RECORDING_MAGIC } from "../contract/recording/frames.ts";
import type { SessionView } from "../contract/views.ts";
import { safeName } from "../metainfo/safe-path.ts";
import { bytesEqual } from "../model/bytes.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import { TorrentRecording } from "../session/recording.ts";
import type { Session } from "../session/session.ts";
import type { Torrent } from "../session/torrent.ts";
import type { Surroundings } from "../session/watcher.ts";
import { CommandFault } from "./previews.ts";
import { RecordingFile } from "./recording-file.ts";
import { VERSION } from "./version.ts";

/** As often as interfaces are told. */
const EVERY: Millis = 250;
/** Of a file, in one answer. */
const PART: Bytes = 4 * 1024 * 1024;
/** Torrents recorded at a time: each costs what a busy window does. */
const MOST = 20;

export interface RecordingsHost {
  now(): Timestamp;
  view(): SessionView;
  readonly world: Surroundings;
}

interface Running {
  readonly recording: TorrentRecording;
  readonly file: RecordingFile;
  readonly path: string;
}

/** The recordings that go on: at most one a torrent, begun and ended while it runs. */
export class Recordings {
  readonly #session: Session;
  readonly #host: RecordingsHost;
  readonly #running = new Map<Torrent, Running>();
  #timer: NodeJS.Timeout | undefined;

  constructor(session: Session, host: RecordingsHost) {
    this.#session = session;
    this.#host = host;
  }

  async start(torrent: Torrent, peer: number | undefined, folder: string | undefined): Promise<RecordingReply> {
    if (this.#running.has(torrent)) throw new CommandFault("this torrent is being recorded already");
    if (this.#running.size >= MOST) throw new CommandFault(`${MOST} torrents are being recorded already`);
    if (peer !== undefined && ![...torrent.swarm.peers].some(({ id }) => id === peer)) {
      throw new CommandFault(`peer ${peer} is gone already`);
    }
    const now = this.#host.now();
    const place = resolve(folder ?? this.#session.settings.downloadFolder);
    const name = safeName(`${torrent.metainfo.name.slice(0, 80)} ${stampOf(now)}${RECORDING_EXTENSION}`);
    const path = join(place, name);
    let file: RecordingFile;
    try {
      await mkdir(place, { recursive: true });
      file = await RecordingFile.create(path, (words) => this.#fail(torrent, words));
    } catch (error) {
      throw new CommandFault(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.#running.has(torrent) || !this.#isHere(torrent)) {
      await file.close();
      await rm(path, { force: true });
      throw new CommandFault("this torrent is being recorded already, or gone");
    }
    const options = { sink: file, path, version: VERSION, peer, world: this.#host.world };
    const recording = new TorrentRecording(this.#session, torrent, options, now);
    this.#running.set(torrent, { recording, file, path });
    recording.tick(this.#host.view(), now);
    this.#timer ??= setInterval(() => this.#tick(), EVERY);
    return { path };
  }

  async stop(torrent: Torrent): Promise<RecordingReply> {
    const running = this.#running.get(torrent);
    if (running === undefined) throw new CommandFault("this torrent is not being recorded");
    await this.#end(torrent, running);
    return { path: running.path };
  }

  /** Of recordings alone: interfaces are not to read other files. */
  async read(path: string, offset: Bytes): Promise<RecordingPart> {
    if (!path.toLowerCase().endsWith(RECORDING_EXTENSION)) throw new CommandFault(`${path} is no recording`);
    try {
      // A pipe of such a name must not hold up a thread until somebody writes to it. Windows has none, nor the flag.
      const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) throw new Error("it is no file");
        const { size } = stats;
        const magic = new Uint8Array(RECORDING_MAGIC.length);
        await handle.read(magic, 0, magic.length, 0);
        if (!bytesEqual(magic, RECORDING_MAGIC)) throw new Error("it is no recording");
        const bytes = new Uint8Array(Math.max(0, Math.min(PART, size - offset)));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
        return { bytes: bytes.subarray(0, bytesRead), size };
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw new CommandFault(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Ends them all. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map(([torrent, running]) => this.#end(torrent, running)));
  }

  #isHere(torrent: Torrent): boolean {
    return this.#session.torrents.get(torrent.id) === torrent;
  }

  #tick(): void {
    const now = this.#host.now();
    const view = this.#host.view();
    for (const [torrent, running] of this.#running) {
      if (this.#isHere(torrent)) running.recording.tick(view, now);
      else void this.#end(torrent, running, "the torrent was removed");
    }
  }

  #fail(torrent: Torrent, words: string): void {
    const running = this.#running.get(torrent);
    if (running === undefined) return;
    torrent.note("note", `The recording ${running.path} ends here: ${words}.`);
    void this.#end(torrent, running, words);
  }

  /** @param words - Why, when nobody wanted it to end. */
  async #end(torrent: Torrent, { recording, file }: Running, words?: string): Promise<void> {
    this.#running.delete(torrent);
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const now = this.#host.now();
    if (words === undefined) recording.tick(this.#host.view(), now);
    recording.end(now, words);
    await file.close();
  }
}

/** `2026-11-21 06.05.12`, in the user's own time: what it is looked for by. */
function stampOf(now: Timestamp): string {
  const date = new Date(now - new Date(now).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
}
