import type { StoreApi } from "zustand/vanilla";
import type { Update } from "../../core/contract/messages.ts";
import { MAX_OPENED, type Mark, RECORDING_EXTENSION, type StreamStart } from "../../core/contract/recording/frames.ts";
import { pcapng } from "../../core/contract/recording/pcapng.ts";
import { openingRecording, type Recording } from "../../core/contract/recording/recording.ts";
import type { HistoryView, RecordingView } from "../../core/contract/views.ts";
import { concatBytes } from "../../core/model/bytes.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import type { Bytes, Millis, Timestamp } from "../../core/model/units.ts";
import { formatBytes } from "../format/units.ts";
import { lastPart } from "../format/words.ts";
import { CommandError, type EngineClient } from "../link/engine-client.ts";
import { say } from "../words/say.ts";
import { type AppState, NOTHING_PICKED } from "./app-state.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, keepDetails } from "./engine-state.ts";
import { historyOfRecording } from "./history.ts";
import { errorWords, type Notify } from "./notices.ts";
import { RecordingPlayer } from "./recording-player.ts";

/** How many seconds of a recording pass in one of ours. */
export const SPEEDS = [1, 2, 4, 8, 16, 32, 64] as const;
export type Speed = (typeof SPEEDS)[number];

/** A recording that is looked at instead of the present. */
export interface Past {
  /** As the user knows it: the file's name. */
  readonly name: string;
  readonly torrent: TorrentId;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly at: Timestamp;
  readonly isPlaying: boolean;
  readonly speed: Speed;
  readonly marks: readonly Mark[];
  readonly streams: readonly StreamStart[];
  /** It breaks off, or ended by itself: why, in words. */
  readonly ending: string | undefined;
}

/** A recording that just ended, until the user has seen it. */
export interface Recorded {
  readonly path: string;
  readonly name: string;
}

export interface RecordingActions {
  /** @param peer - Only its wire is recorded. */
  startRecording(torrent: TorrentId, peer?: number): Promise<boolean>;
  stopRecording(torrent: TorrentId): Promise<boolean>;
  /** Opens a file that the user chose or dropped. */
  openRecordingFile(file: File): Promise<void>;
  /** Opens one that the engine can read: recorded just now, or handed over by the system. */
  openRecordingPath(path: string): Promise<void>;
  forgetRecorded(): void;
  /** Back to the present. */
  leavePast(): void;
  seek(at: Timestamp): void;
  /** To the state before or after this one. */
  stepPast(by: 1 | -1): void;
  setPlaying(isPlaying: boolean): void;
  setSpeed(speed: Speed): void;
  /** While it plays: goes as far as the clock has gone since the last time. */
  advancePast(): void;
  /** How the torrent was over the whole recording that is looked at. */
  pastHistory(): HistoryView | undefined;
  /** What was said with a peer, for Wireshark: from the recording that is looked at, or from the one that goes on. */
  saveCapture(torrent: TorrentId, peer: number): Promise<void>;
}

export interface RecordingSurroundings {
  readonly client: Pick<EngineClient, "command">;
  readonly notify: Notify;
  saveFile(name: string, bytes: Uint8Array): Promise<boolean>;
  elapsed(): Millis;
}

/** What may be asked of the engine while the past is looked at: nothing that would happen to the torrent of today. */
const TIMELESS: ReadonlySet<string> = new Set([
  "read-recording",
  "stop-recording",
  "look-at-dht",
  "look-at-history",
  "look-at-folder",
  "list-bans",
]);

type Client = Pick<EngineClient, "start" | "watch" | "command">;

/** While the past is looked at, commands are answered with words. */
export function presentOnly(client: Client, isPast: () => boolean): Client {
  return {
    start: (listener) => client.start(listener),
    watch: (...watched) => client.watch(...watched),
    command: (command) =>
      isPast() && !TIMELESS.has(command.kind)
        ? Promise.reject(new CommandError(say.recording.notInThePast))
        : client.command(command),
  };
}

export function isRecording(name: string): boolean {
  return name.toLowerCase().endsWith(RECORDING_EXTENSION);
}

/** Recording, and looking at recordings. While one is looked at, the state that all views read is its own. */
export class Recordings {
  readonly actions: RecordingActions;
  readonly #store: StoreApi<AppState>;
  readonly #world: RecordingSurroundings;
  #player: RecordingPlayer | undefined;
  /** The present goes on unseen; what was chosen in it is chosen again afterwards. */
  #present: Pick<AppState, "engine" | "selected"> = { engine: EMPTY_ENGINE_STATE, selected: undefined };
  #advancedAt: Millis = 0;

  constructor(store: StoreApi<AppState>, world: RecordingSurroundings) {
    this.#store = store;
    this.#world = world;
    store.subscribe((state, before) => {
      if (state.past !== undefined && state.past === before.past && peerOf(state) !== peerOf(before)) {
        this.#show({ ...state.past });
      }
    });
    this.actions = {
      startRecording: (torrent, peer) => this.#start(torrent, peer),
      stopRecording: (torrent) => this.#stop(torrent),
      openRecordingFile: (file) => this.#open(file.name, () => fileBytes(file)),
      openRecordingPath: (path) => this.#open(lastPart(path), () => this.#read(path)),
      forgetRecorded: () => store.setState({ recorded: undefined }),
      leavePast: () => this.#leave(),
      seek: (at) => this.#change(({ start, end }) => ({ at: Math.min(end, Math.max(start, at)) })),
      stepPast: (by) => this.#step(by),
      setPlaying: (isPlaying) => {
        this.#advancedAt = world.elapsed();
        this.#change(({ at, start, end }) => ({ isPlaying, at: isPlaying && at >= end ? start : at }));
      },
      setSpeed: (speed) => this.#change(() => ({ speed })),
      advancePast: () => this.#advance(),
      pastHistory: () => (this.#player === undefined ? undefined : historyOfRecording(this.#player.recording)),
      saveCapture: (torrent, peer) => this.#saveCapture(torrent, peer),
    };
  }

  /** @returns Whether the update is of a present that nobody looks at. */
  keep(update: Update, isFirst: boolean): boolean {
    if (this.#player === undefined) return false;
    const engine = applyUpdate(isFirst ? EMPTY_ENGINE_STATE : this.#present.engine, update);
    this.#present = { ...this.#present, engine: keepDetails(engine, NOBODY) };
    return true;
  }

  async #start(torrent: TorrentId, peer: number | undefined): Promise<boolean> {
    try {
      const only = peer === undefined ? {} : { peer };
      const { path } = await this.#world.client.command({ kind: "start-recording", torrent, ...only });
      this.#world.notify("done", say.recording.started, path);
      return true;
    } catch (error) {
      this.#world.notify("error", say.recording.notStarted, errorWords(error));
      return false;
    }
  }

  async #stop(torrent: TorrentId): Promise<boolean> {
    try {
      const { path } = await this.#world.client.command({ kind: "stop-recording", torrent });
      this.#store.setState({ recorded: { path, name: lastPart(path) } });
      return true;
    } catch (error) {
      this.#world.notify("error", say.recording.notStopped, errorWords(error));
      return false;
    }
  }

  async #open(name: string, read: () => Promise<Uint8Array>): Promise<void> {
    try {
      const recording = await opened(await read());
      this.#player = new RecordingPlayer(recording);
      if (this.#store.getState().past === undefined) {
        const { engine, selected } = this.#store.getState();
        this.#present = { engine: keepDetails(engine, NOBODY), selected };
      }
      const { head, start, end, marks, streams } = recording;
      const ending = recording.isWhole ? recording.endWords : say.recording.breaksOff;
      this.#show(
        { name, torrent: head.torrent, start, end, at: start, isPlaying: false, speed: 1, marks, streams, ending },
        { selected: head.torrent, ...NOTHING_PICKED, recorded: undefined, dialog: undefined },
      );
    } catch (error) {
      this.#world.notify("error", say.recording.notOpened(name), errorWords(error));
    }
  }

  /** The whole file, part by part. */
  async #read(path: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { bytes, size } = await this.#world.client.command({ kind: "read-recording", path, offset: length });
      refuseHuge(size);
      if (bytes.length === 0) return concatBytes(...parts);
      parts.push(bytes);
      length += bytes.length;
      if (length >= size) return concatBytes(...parts);
    }
  }

  #leave(): void {
    if (this.#player === undefined) return;
    this.#player = undefined;
    const { engine, selected } = this.#present;
    const still = selected !== undefined && engine.torrents.has(selected) ? selected : [...engine.torrents.keys()][0];
    this.#store.setState({
      past: undefined,
      engine,
      selected: still,
      ...NOTHING_PICKED,
      clockOffset: engine.at - this.#world.elapsed(),
    });
  }

  #change(by: (past: Past) => Partial<Past>): void {
    const { past } = this.#store.getState();
    if (past !== undefined) this.#show({ ...past, ...by(past) });
  }

  #step(by: 1 | -1): void {
    const recording = this.#player?.recording;
    if (recording === undefined) return;
    this.#change(({ at }) => {
      const step = Math.min(recording.stepCount - 1, Math.max(0, recording.stepBefore(at) + by));
      return { at: recording.timeOf(step), isPlaying: false };
    });
  }

  #advance(): void {
    const now = this.#world.elapsed();
    const passed = now - this.#advancedAt;
    this.#advancedAt = now;
    this.#change(({ isPlaying, at, end, speed }) => {
      if (!isPlaying) return {};
      const next = Math.min(end, at + passed * speed);
      return { at: next, isPlaying: next < end };
    });
  }

  /** @param rest - Changes with it: what was chosen in another recording means nothing in this one. */
  #show(past: Past, rest: Partial<AppState> = {}): void {
    const player = this.#player as RecordingPlayer;
    try {
      const engine = player.stateAt(past.at, peerOf({ ...this.#store.getState(), ...rest }));
      this.#store.setState({ ...rest, past, engine, clockOffset: past.at - this.#world.elapsed() });
    } catch (error) {
      this.#leave();
      this.#world.notify("error", say.recording.notOpened(past.name), errorWords(error));
    }
  }

  async #saveCapture(torrent: TorrentId, peer: number): Promise<void> {
    try {
      const running: RecordingView | undefined = this.#store.getState().engine.torrents.get(torrent)?.recording;
      let recording: Recording;
      if (this.#player !== undefined) recording = this.#player.recording;
      else if (running !== undefined) recording = await opened(await this.#read(running.path));
      else throw new Error(say.recording.recordFirst);
      const stream = recording.streams.findLast((one) => one.peer === peer);
      if (stream === undefined) throw new Error(say.recording.saidNothing);
      const bytes = concatBytes(...pcapng(stream, recording.wire(peer), recording.head.version));
      const name = `${stream.host.replaceAll(":", "-")}-${stream.port}.pcapng`;
      if (await this.#world.saveFile(name, bytes)) this.#world.notify("done", say.recording.captureSaved, name);
    } catch (error) {
      this.#world.notify("error", say.recording.captureNotSaved, errorWords(error));
    }
  }
}

/** Whose page or panel is looked at. */
function peerOf({ openedPeer, selectedPeer }: AppState): number | undefined {
  return openedPeer ?? selectedPeer;
}

const NOBODY: ReadonlySet<TorrentId> = new Set();

async function fileBytes(file: File): Promise<Uint8Array> {
  refuseHuge(file.size);
  return new Uint8Array(await file.arrayBuffer());
}

/** @throws Error with words for the user: a file is held in memory as long as it is looked at. */
function refuseHuge(size: Bytes): void {
  if (size > MAX_OPENED) throw new Error(say.recording.tooLarge(formatBytes(size), formatBytes(MAX_OPENED)));
}

/** The window draws in between. @throws Error with words for the user. */
async function opened(bytes: Uint8Array): Promise<Recording> {
  const opening = openingRecording(bytes);
  for (;;) {
    const { done, value } = opening.next();
    if (done !== true) await new Promise((resolve) => setTimeout(resolve));
    else if (typeof value === "string") throw new Error(value);
    else return value;
  }
}
