import { decodeMessage, encodeMessage } from "../../core/contract/codec.ts";
import type { Command, FromEngine, ReplyTo, ToEngine, Update, Watch } from "../../core/contract/messages.ts";
import { say } from "../words/say.ts";
import type { EngineLink, LinkState } from "./engine-link.ts";

export interface EngineListener {
  /** @param isFirst - The first since the link opened: it has everything, and nothing from before holds. */
  onUpdate(update: Update, isFirst: boolean): void;
  onState(state: LinkState): void;
}

/** Why a command was not done, in words for the user. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** A command of one kind. */
export type CommandOf<K extends Command["kind"]> = Extract<Command, { kind: K }>;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CommandError) => void;
}

/** Speaks the contract over a link: commands become promises, and what is watched survives a lost link. */
export class EngineClient {
  readonly #link: EngineLink;
  readonly #pending = new Map<number, Pending>();
  #listener: EngineListener | undefined;
  #state: LinkState = "connecting";
  #nextId = 1;
  #awaitsFirst = true;
  #watches: readonly Watch[] = [];
  #isHidden = false;

  constructor(link: EngineLink) {
    this.#link = link;
  }

  start(listener: EngineListener): void {
    this.#listener = listener;
    this.#link.start({
      onMessage: (bytes) => this.#received(decodeMessage(bytes) as FromEngine),
      onState: (state) => this.#changed(state),
    });
  }

  /**
   * @returns The engine's reply.
   * @throws CommandError with the engine's words, or that it can't be reached.
   */
  command<K extends Command["kind"]>(command: CommandOf<K>): Promise<ReplyTo<K>> {
    if (this.#state !== "open") return Promise.reject(new CommandError(say.frame.engineAway));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: (value) => resolve(value as ReplyTo<K>), reject });
      this.#send({ kind: "command", id, command });
    });
  }

  /**
   * Replaces what is watched, now and after every reconnection.
   * @param isHidden - Nobody sees it: every few seconds is often enough.
   */
  watch(watches: readonly Watch[], isHidden = false): void {
    this.#watches = watches;
    this.#isHidden = isHidden;
    if (this.#state !== "open") return;
    this.#send({ kind: "watch", watches: [...watches], ...(isHidden ? { isHidden } : {}) });
  }

  #send(message: ToEngine): void {
    this.#link.send(encodeMessage(message));
  }

  #received(message: FromEngine): void {
    if (message.kind === "update") {
      const isFirst = this.#awaitsFirst;
      this.#awaitsFirst = false;
      this.#listener?.onUpdate(message, isFirst);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.ok) pending?.resolve(message.value ?? undefined);
    else pending?.reject(new CommandError(message.error));
  }

  #changed(state: LinkState): void {
    this.#state = state;
    if (state === "open") {
      this.#awaitsFirst = true;
      if (this.#watches.length > 0 || this.#isHidden) this.watch(this.#watches, this.#isHidden);
    } else {
      for (const { reject } of this.#pending.values()) {
        reject(new CommandError(say.frame.engineLeft));
      }
      this.#pending.clear();
    }
    this.#listener?.onState(state);
  }
}
