import type { Command, DetailUpdate, FromEngine, ReplyTo, Update, Watch } from "../../contract/messages.ts";
import { applyPatch } from "../../contract/patch.ts";
import type { PeerView, SessionView, TorrentView } from "../../contract/views.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Engine, EnginePort } from "../../runtime/engine.ts";
import { Failure } from "./faults.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The command line's end of the contract: commands as promises, and a mirror of what the engine told. */
export class EngineClient {
  readonly torrents = new Map<TorrentId, TorrentView>();
  session: SessionView | undefined;
  /** Called after the mirror took an update in. */
  onUpdate: (update: Update) => void = () => {};
  readonly #port: EnginePort;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(engine: Engine) {
    this.#port = engine.connect((message) => this.#receive(message));
  }

  /** @throws Failure with the engine's words when the command can't be done. */
  command<C extends Command>(command: C): Promise<ReplyTo<C["kind"]>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as ReplyTo<C["kind"]>), reject });
      this.#port.send({ kind: "command", id, command });
    });
  }

  watch(watches: readonly Watch[]): void {
    this.#port.send({ kind: "watch", watches: [...watches] });
  }

  close(): void {
    this.#port.close();
  }

  #receive(message: FromEngine): void {
    if (message.kind === "update") {
      this.#mirror(message);
      this.onUpdate(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.value);
    else waiting?.reject(new Failure(message.error));
  }

  #mirror(update: Update): void {
    if (update.session !== undefined) this.session = applyPatch(this.session, update.session);
    for (const { id, ...patch } of update.torrents ?? [])
      this.torrents.set(id, applyPatch(this.torrents.get(id), patch));
    for (const id of update.removed ?? []) this.torrents.delete(id);
  }
}

/** The peers of one watched torrent, as told so far. */
export class PeerMirror {
  readonly peers = new Map<number, PeerView>();

  /** @returns The peers that are new or changed. */
  apply(update: NonNullable<DetailUpdate["peers"]>): PeerView[] {
    if (update.reset) this.peers.clear();
    const changed: PeerView[] = [];
    for (const { id, haves, ...patch } of update.changed) {
      let view = applyPatch(this.peers.get(id), patch);
      if (haves !== undefined && view.pieces !== undefined) view = { ...view, pieces: withBits(view.pieces, haves) };
      this.peers.set(id, view);
      changed.push(view);
    }
    for (const id of update.removed) this.peers.delete(id);
    return changed;
  }
}

/** A copy: within one process the engine's own array is what was told. */
function withBits(pieces: Uint8Array, haves: readonly number[]): Uint8Array {
  const copy = pieces.slice();
  for (const piece of haves) copy[piece >>> 3] = (copy[piece >>> 3] as number) | (0x80 >>> (piece & 7));
  return copy;
}
