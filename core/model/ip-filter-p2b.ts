import { concatBytes, readUint32, toLatin1 } from "./bytes.ts";
import type { Bytes } from "./units.ts";

/** What a PeerGuardian binary list begins with: this, then its version, 1 to 3. */
export const P2B_HEAD = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x50, 0x32, 0x42);
const MAX_VERSION = 3;
/** Of one name: as much as of a line of the other lists. */
const MAX_NAME: Bytes = 2048;
const RANGE: Bytes = 8;

/** Who is told of what a list says. */
export interface P2bEvents {
  /** IPv4 addresses as numbers, the first not behind the last. */
  range(first: number, last: number): void;
  /** @param entry - Its number, from 1. */
  bad(entry: number, words: string): void;
}

/**
 * Reads a PeerGuardian binary list (.p2b) as it comes. Versions 1 and 2: name, NUL, first and last address of each range;
 * version 3: how many names, these, how many ranges, and of each the number of its name and both addresses. All numbers are
 * big-endian, with 32 bits.
 */
export class P2bReader {
  readonly #events: P2bEvents;
  readonly #version: number;
  #held = new Uint8Array(0);
  #entry = 0;
  #state: "names-count" | "names" | "ranges-count" | "ranges" | "over";
  /** Names, then ranges that are still to come, in version 3. */
  #left = 0;

  constructor(version: number, events: P2bEvents) {
    this.#version = version;
    this.#events = events;
    this.#state = version < MAX_VERSION ? "ranges" : "names-count";
    if (version < 1 || version > MAX_VERSION) this.#fail(`version ${version} of this list is not known`);
  }

  write(chunk: Uint8Array): void {
    if (this.#state === "over") return;
    const bytes = this.#held.length === 0 ? chunk : concatBytes(this.#held, chunk);
    let at = 0;
    for (let read = 1; read > 0; at += read) read = this.#read(bytes, at);
    if (bytes.length - at > MAX_NAME + RANGE) this.#failName();
    else this.#held = bytes.slice(at);
  }

  end(): void {
    const isCut = this.#version === MAX_VERSION || this.#held.length > 0;
    if (this.#state !== "over" && isCut) this.#fail("it is cut short");
  }

  /** @returns How many bytes it took: none when they are not all there. */
  #read(bytes: Uint8Array, at: number): Bytes {
    switch (this.#state) {
      case "names-count":
      case "ranges-count":
        if (at + 4 > bytes.length) return 0;
        this.#left = readUint32(bytes, at);
        if (this.#state === "names-count") this.#state = this.#left === 0 ? "ranges-count" : "names";
        else this.#state = this.#left === 0 ? "over" : "ranges";
        return 4;
      case "names": {
        const end = bytes.indexOf(0, at);
        if (end - at > MAX_NAME) return this.#failName();
        if (end < 0) return 0;
        if (--this.#left === 0) this.#state = "ranges-count";
        return end + 1 - at;
      }
      case "ranges":
        return this.#version < MAX_VERSION ? this.#named(bytes, at) : this.#numbered(bytes, at);
      case "over":
        return 0;
    }
  }

  #named(bytes: Uint8Array, at: number): Bytes {
    const end = bytes.indexOf(0, at);
    if (end - at > MAX_NAME) return this.#failName();
    if (end < 0 || end + 1 + RANGE > bytes.length) return 0;
    this.#range(bytes, end + 1, () => toLatin1(bytes.subarray(at, end)));
    return end + 1 + RANGE - at;
  }

  #numbered(bytes: Uint8Array, at: number): Bytes {
    if (at + 4 + RANGE > bytes.length) return 0;
    if (--this.#left === 0) this.#state = "over";
    this.#range(bytes, at + 4, () => `name ${readUint32(bytes, at)}`);
    return 4 + RANGE;
  }

  #range(bytes: Uint8Array, at: number, name: () => string): void {
    this.#entry++;
    const [first, last] = [readUint32(bytes, at), readUint32(bytes, at + 4)];
    if (first <= last) this.#events.range(first, last);
    else this.#events.bad(this.#entry, name());
  }

  #failName(): 0 {
    this.#fail(`a name of more than ${MAX_NAME} bytes`);
    return 0;
  }

  #fail(words: string): void {
    this.#events.bad(this.#entry + 1, words);
    this.#state = "over";
    this.#held = new Uint8Array(0);
  }
}
