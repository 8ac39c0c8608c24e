import type { Recording } from "../../core/contract/recording/recording.ts";
import type { PeerDetail } from "../../core/contract/views.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, type EngineState } from "./engine-state.ts";
import { applyLife, type PeerLife } from "./peer-life.ts";

/**
 * What the engine was at any time of a recording. One state is held, with the life of one peer; going forward applies
 * what is between, going back begins at the keyframe before.
 */
export class RecordingPlayer {
  readonly recording: Recording;
  /** The step that the rest is the result of; −1: none yet. */
  #step = -1;
  #engine: EngineState = EMPTY_ENGINE_STATE;
  #peer: number | undefined;
  #life: PeerLife | undefined;
  #detail: PeerDetail | undefined;

  constructor(recording: Recording) {
    this.recording = recording;
  }

  /** @param peer - Whose page is looked at. @returns What an interface showed at `at`. */
  stateAt(at: Timestamp, peer?: number): EngineState {
    const target = this.recording.stepBefore(at);
    const key = this.recording.keyBefore(target);
    const isOnTheWay = this.#step >= key && this.#step <= target && this.#peer === peer;
    this.#peer = peer;
    for (let step = isOnTheWay ? this.#step + 1 : key; step <= target; step++) this.#apply(step);
    this.#step = target;
    return this.#withPeer();
  }

  #apply(number: number): void {
    const { kind, content } = this.recording.step(number);
    if (kind === "state") {
      this.#engine = EMPTY_ENGINE_STATE;
      this.#life = undefined;
      this.#detail = undefined;
    }
    if (content.update !== undefined) this.#engine = applyUpdate(this.#engine, content.update);
    const life = content.lives?.find(({ peer }) => peer === this.#peer);
    if (life !== undefined) this.#life = applyLife(this.#life, life);
    this.#detail = content.details?.find(({ peer }) => peer === this.#peer) ?? this.#detail;
  }

  #withPeer(): EngineState {
    const { torrent } = this.recording.head;
    const details = this.#engine.details.get(torrent);
    if (details === undefined || (this.#detail === undefined && this.#life === undefined)) return this.#engine;
    const peer = { ...(this.#detail && { peer: this.#detail }), ...(this.#life && { life: this.#life }) };
    return { ...this.#engine, details: new Map([[torrent, { ...details, ...peer }]]) };
  }
}
