import type { Timestamp } from "../../model/units.ts";
import type { Tape } from "./boundary.ts";
import { type Fields, formatLine, type TraceLine } from "./line.ts";

/** A record as text. */
export class TextTape implements Tape {
  isOver = false;
  readonly #write: (text: string) => void;
  #pending: (TraceLine | (() => TraceLine))[] = [];

  /** @param write - Gets whole lines, whenever the heart is at rest. */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  input(line: () => TraceLine): void {
    this.#pending.push(line);
  }

  output(line: TraceLine): void {
    this.#pending.push(line);
  }

  rest(): void {
    const lines = this.#pending;
    this.#pending = [];
    let text = "";
    for (const line of lines) text += `${formatLine(typeof line === "function" ? line() : line)}\n`;
    if (text !== "" && !this.isOver) this.#write(text);
  }

  /** The last line. @param why - One word. */
  end(why: string, at: Timestamp, fields: Fields = {}): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#write(`${formatLine({ at, line: "end", kind: why, fields })}\n`);
  }
}
