import { applyPatch } from "../../core/contract/patch.ts";
import type { DetailPatch } from "../../core/contract/recording/frames.ts";
import type { Recording } from "../../core/contract/recording/recording.ts";
import type { PeerDetail } from "../../core/contract/views.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, type EngineState } from "./engine-state.ts";

/**
 * What the engine was at any time of a recording. One state is held; going forward applies what is between, going back
 * begins at the keyframe before.
 */
export class RecordingPlayer {
  readonly recording: Recording;
  /** The step that `#engine` and `#peers` are the result of; −1: none yet. */
  #step = -1;
  #engine: EngineState = EMPTY_ENGINE_STATE;
  #peers: ReadonlyMap<number, PeerDetail> = new Map();

  constructor(recording: Recording) {
    this.recording = recording;
  }

  /** @param peer - Whose details are wanted. @returns What an interface that looks at them showed at `at`. */
  stateAt(at: Timestamp, peer?: number): EngineState {
    const target = this.recording.stepBefore(at);
    const key = this.recording.keyBefore(target);
    for (let step = this.#step >= key && this.#step <= target ? this.#step + 1 : key; step <= target; step++) {
      this.#apply(step);
    }
    this.#step = target;
    return this.#withPeer(peer);
  }

  #apply(number: number): void {
    const step = this.recording.step(number);
    if (step.kind === "state") {
      this.#engine = applyUpdate(EMPTY_ENGINE_STATE, step.content.update);
      this.#peers = new Map(step.content.peers.map((detail) => [detail.peer, detail]));
      return;
    }
    this.#engine = applyUpdate(this.#engine, step.content.update);
    if (step.content.peers !== undefined) this.#peers = applyDetails(this.#peers, step.content.peers);
  }

  #withPeer(peer: number | undefined): EngineState {
    const { torrent } = this.recording.head;
    const detail = peer === undefined ? undefined : this.#peers.get(peer);
    const details = this.#engine.details.get(torrent);
    if (detail === undefined || details === undefined) return this.#engine;
    return { ...this.#engine, details: new Map([[torrent, { ...details, peer: detail }]]) };
  }
}

function applyDetails(
  before: ReadonlyMap<number, PeerDetail>,
  patches: readonly DetailPatch[],
): ReadonlyMap<number, PeerDetail> {
  const after = new Map(before);
  for (const patch of patches) after.set(patch.peer, applyPatch(after.get(patch.peer), patch));
  return after;
}
