import { type Bytes, MIB, type Millis, type Timestamp } from "../model/units.ts";
import { MAX_METADATA, METADATA_PART } from "../wire/metadata-message.ts";

/** A larger size is believed when a second peer names it too. */
const BELIEVED_FROM_ONE: Bytes = 8 * MIB;
/** Requests to one peer that may be under way. */
const MAX_ASKED = 8;
/** An answer is not waited for any longer; others are asked for the part. */
const PATIENCE: Millis = 8_000;
/** When a part is all that is missing, a second peer is asked for it after this. */
const SECOND_OPINION: Millis = 1_500;
/** A peer that rejected or was late is not asked again for this long. */
const OTHERS_FIRST: Millis = 10_000;
/** Late this often without a part in between: it never gives what it announced. */
const MAX_LATE = 3;
/** Of all copies together, as far as they arrived. The one that lacks most goes when it is more. */
const MAX_HELD: Bytes = 2 * MAX_METADATA;

/** What a peer offers, and owes. */
interface Giver {
  readonly size: Bytes;
  /** Part → when it was asked for. */
  readonly asked: Map<number, Timestamp>;
  notBefore: Timestamp;
  late: number;
}

/** One copy of the metadata on its way. */
interface Assembly {
  readonly size: Bytes;
  readonly parts: (Uint8Array | undefined)[];
  readonly givers: Set<number>;
  missing: number;
}

export type MetadataOutcome =
  /** More is to come; or it was not asked for, and is not taken. */
  | { readonly kind: "more" | "unasked" }
  | { readonly kind: "complete"; readonly info: Uint8Array }
  /** The copy is not what the info hash names. `liars` gave all of it alone. */
  | { readonly kind: "failed"; readonly liars: readonly number[] };

/**
 * Fetches the `info` dictionary of a magnet link's torrent (BEP 9): parts from several peers at a time, checked as a
 * whole by the info hash. Peers that name different sizes fill different copies. When a copy that several filled
 * fails, each is asked for all of it alone, so that a liar holds nobody up and stands there by name.
 *
 * Invariant: memory is what arrived, and at most {@link MAX_HELD}; a copy lasts as long as a peer that names its size.
 */
export class MetadataFetch {
  readonly #isInfo: (bytes: Uint8Array) => boolean;
  readonly #givers = new Map<number, Giver>();
  /** By size; and by peer once `#isAlone`. */
  readonly #assemblies = new Map<number, Assembly>();
  /** A copy of several has failed: each peer fills its own now. */
  #isAlone = false;
  #held: Bytes = 0;

  /** @param isInfo - Whether the bytes are what the info hash names. */
  constructor(isInfo: (bytes: Uint8Array) => boolean) {
    this.#isInfo = isInfo;
  }

  /** The furthest copy. Size 0: no peer has named one yet. */
  get progress(): { readonly received: Bytes; readonly size: Bytes } {
    let best = { received: 0, size: 0 };
    for (const { size } of this.#givers.values()) if (best.size === 0) best = { received: 0, size };
    for (const { size, parts } of this.#assemblies.values()) {
      const received = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
      if (received > best.received) best = { received, size };
    }
    return best;
  }

  /** @param size - As its extension handshake says. The first word counts; out of bounds, it is not asked. */
  offered(peer: number, size: Bytes): void {
    if (size < 1 || size > MAX_METADATA || this.#givers.has(peer)) return;
    this.#givers.set(peer, { size, asked: new Map(), notBefore: 0, late: 0 });
  }

  gone(peer: number): void {
    const size = this.#givers.get(peer)?.size;
    this.#givers.delete(peer);
    if (size === undefined) return;
    if (this.#isAlone) this.#drop(peer);
    else if (![...this.#givers.values()].some((other) => other.size === size)) this.#drop(size);
  }

  /** @returns Parts to ask this peer for now; they count as asked. */
  ask(peer: number, now: Timestamp): number[] {
    const giver = this.#givers.get(peer);
    if (giver === undefined || now < giver.notBefore || !this.#isBelieved(giver.size)) return [];
    const assembly = this.#assemblyFor(peer, giver.size);
    const asked: number[] = [];
    for (let part = 0; part < assembly.parts.length && giver.asked.size < MAX_ASKED; part++) {
      if (assembly.parts[part] !== undefined || giver.asked.has(part)) continue;
      if (now - this.#lastAsked(assembly, part) < SECOND_OPINION) continue;
      giver.asked.set(part, now);
      asked.push(part);
    }
    return asked;
  }

  /** @param bytes - Copied. */
  received(peer: number, part: number, size: Bytes, bytes: Uint8Array): MetadataOutcome {
    const giver = this.#givers.get(peer);
    if (giver === undefined || size !== giver.size || !giver.asked.delete(part)) return { kind: "unasked" };
    const assembly = this.#assemblyFor(peer, size);
    giver.late = 0;
    if (assembly.parts[part] !== undefined) return { kind: "more" };
    assembly.parts[part] = bytes.slice();
    assembly.givers.add(peer);
    assembly.missing--;
    this.#held += bytes.length;
    if (assembly.missing === 0) return this.#judge(assembly);
    if (this.#held > MAX_HELD) this.#dropWorst();
    return { kind: "more" };
  }

  rejected(peer: number, part: number, now: Timestamp): void {
    const giver = this.#givers.get(peer);
    if (giver?.asked.delete(part) === true) giver.notBefore = now + OTHERS_FIRST;
  }

  /** Takes back what was not answered in time. @returns Peers that let it come to that again and again. */
  expire(now: Timestamp): number[] {
    const idle: number[] = [];
    for (const [peer, giver] of this.#givers) {
      const late = [...giver.asked].filter(([, at]) => now - at >= PATIENCE);
      if (late.length === 0) continue;
      for (const [part] of late) giver.asked.delete(part);
      giver.notBefore = now + OTHERS_FIRST;
      giver.late++;
      if (giver.late >= MAX_LATE) idle.push(peer);
    }
    return idle;
  }

  #isBelieved(size: Bytes): boolean {
    if (size <= BELIEVED_FROM_ONE) return true;
    let witnesses = 0;
    for (const giver of this.#givers.values()) if (giver.size === size) witnesses++;
    return witnesses > 1;
  }

  #drop(key: number): void {
    for (const part of this.#assemblies.get(key)?.parts ?? []) this.#held -= part?.length ?? 0;
    this.#assemblies.delete(key);
  }

  #dropWorst(): void {
    const [worst] = [...this.#assemblies].sort(([, one], [, other]) => other.missing - one.missing);
    if (worst !== undefined) this.#drop(worst[0]);
  }

  #assemblyFor(peer: number, size: Bytes): Assembly {
    const key = this.#isAlone ? peer : size;
    const known = this.#assemblies.get(key);
    if (known !== undefined) return known;
    const missing = Math.ceil(size / METADATA_PART);
    const parts = new Array<Uint8Array | undefined>(missing).fill(undefined);
    const assembly: Assembly = { size, parts, givers: new Set(), missing };
    this.#assemblies.set(key, assembly);
    return assembly;
  }

  /** When anybody was last asked for a part of this copy. */
  #lastAsked(assembly: Assembly, part: number): Timestamp {
    let last = Number.NEGATIVE_INFINITY;
    for (const [peer, giver] of this.#givers) {
      if (this.#assemblies.get(this.#isAlone ? peer : giver.size) !== assembly) continue;
      last = Math.max(last, giver.asked.get(part) ?? last);
    }
    return last;
  }

  #judge(assembly: Assembly): MetadataOutcome {
    const info = new Uint8Array(assembly.size);
    assembly.parts.forEach((part, index) => {
      info.set(part as Uint8Array, index * METADATA_PART);
    });
    if (this.#isInfo(info)) return { kind: "complete", info };
    const liars = assembly.givers.size === 1 ? [...assembly.givers] : [];
    for (const [key, other] of this.#assemblies) if (other === assembly) this.#drop(key);
    for (const liar of liars) this.gone(liar);
    if (liars.length === 0 && !this.#isAlone) {
      this.#isAlone = true;
      for (const key of this.#assemblies.keys()) this.#drop(key);
      for (const giver of this.#givers.values()) giver.asked.clear();
    }
    return { kind: "failed", liars };
  }
}
