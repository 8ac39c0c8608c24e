import type { Timestamp } from "../../model/units.ts";
import type { Fields, LineType, TraceLine } from "./line.ts";

/** Where the lines of a record go, in their order. */
export interface Tape {
  /** Nothing is taken any more; the session goes on without. */
  readonly isOver: boolean;
  /** @param line - Its fields may be known only when the input is over: to be read at {@link rest}. */
  input(line: () => TraceLine): void;
  /** Every line that is no input, as it comes to be. */
  output(line: TraceLine): void;
  /** The heart is at rest: the last input and all that it caused are told. */
  rest(): void;
}

/** What is looked at around every input. */
interface Surveyor<T> {
  /** Before an input from outside; not for one that comes while another is under way. */
  before(): void;
  /** @param subject - What the input was about; undefined: anything. */
  after(subject: T | undefined): void;
}

/**
 * The line between the heart and the world: knows on which side the program is, so that a call counts as an input only
 * when the world makes it, and not when the heart calls itself.
 *
 * An input may come while the heart waits for an order to be taken (a block is in the cache, a socket is gone): it lies
 * within the one that is under way, and says how deep.
 */
export class Boundary<T> {
  readonly #tape: Tape;
  readonly #clock: () => Timestamp;
  readonly #surveyor: Surveyor<T>;
  #now: Timestamp;
  /** Inputs under way. */
  #depth = 0;
  #isInside = false;
  #lastOrder = 0;

  constructor(tape: Tape, clock: () => Timestamp, surveyor: Surveyor<T>) {
    this.#tape = tape;
    this.#clock = clock;
    this.#surveyor = surveyor;
    this.#now = clock();
  }

  /** Calls of the heart are to be passed on without a word. */
  get isAside(): boolean {
    return this.#isInside || this.#tape.isOver;
  }

  /** A number for an order that is answered later. */
  nextOrder(): number {
    return ++this.#lastOrder;
  }

  /**
   * The world calls the heart.
   * @param now - The time that it tells, if it tells any.
   * @param fields - Read when the input is over.
   */
  enter<R>(kind: string, now: Timestamp | undefined, fields: () => Fields, go: () => R, subject?: T): R {
    if (this.isAside) return go();
    const depth = this.#depth;
    const at = now ?? this.#clock();
    this.#now = at;
    if (depth === 0) this.#surveyor.before();
    this.#tape.input(() => ({
      at,
      line: "input",
      kind,
      fields: depth === 0 ? fields() : { depth, ...fields() },
    }));
    this.#depth++;
    this.#isInside = true;
    try {
      const result = go();
      this.#surveyor.after(subject);
      return result;
    } catch (error) {
      this.tell("decision", "threw", { words: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      this.#depth--;
      this.#isInside = false;
      if (depth === 0) this.#tape.rest();
    }
  }

  /** The heart asks something of the world. */
  order<R>(kind: string, fields: Fields, go: () => R): R {
    this.tell("order", kind, fields);
    return this.leave(go);
  }

  /** As {@link order}, for what needs no line. */
  leave<R>(go: () => R): R {
    const wasInside = this.#isInside;
    this.#isInside = false;
    try {
      return go();
    } finally {
      this.#isInside = wasInside;
    }
  }

  /** Something that is neither an input nor to be answered. What no input caused is a stray: a call went unseen. */
  tell(line: LineType, kind: string, fields: Fields): void {
    if (this.#tape.isOver) return;
    const isStray = this.#depth === 0 && line !== "head";
    this.#tape.output({ at: this.#now, line, kind, fields: isStray ? { ...fields, isStray } : fields });
  }
}
