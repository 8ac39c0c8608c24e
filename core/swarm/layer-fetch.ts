import type { LayeredFile } from "../metainfo/piece-layers.ts";
import { bytesEqual, toHex } from "../model/bytes.ts";
import { absentNode, climb, NODE_LENGTH, nodeOver, type Sha256, treeHeight, treeShape } from "../model/merkle.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { Hashes, HashRequest } from "../wire/hash-message.ts";
import { MAX_HASHES } from "../wire/message-id.ts";

/** Requests to one peer that may be under way, and nodes that they ask for. */
const MAX_ASKED = 64;
const MAX_NODES = 4 * MAX_HASHES;
/** An answer is not waited for any longer; others are asked. */
const PATIENCE: Millis = 8_000;
/** When nothing else is left to ask for, a second peer is asked after this. */
const SECOND_OPINION: Millis = 1_500;
/** A peer that refused a stretch, or was late with it, is not asked for it again for this long. */
const OTHERS_FIRST: Millis = 10_000;
/** Of so many stretches that a peer did not give it is remembered which; then it is asked for none for as long. */
const MAX_REFUSED = 64;
/** Stretches that are looked at for one {@link LayerFetch.ask}: there may be very many, of which the peer owes or refused some. */
const MAX_LOOKED = 512;
/** Late this often without an answer in between: it never gives what it is asked for. */
const MAX_LATE = 3;

/** What is asked for at a time: a stretch of one file's layer. There may be a million: it is kept small. */
interface Stretch {
  readonly file: LayeredFile;
  readonly index: number;
  lastAsked: Timestamp;
  nodes: Uint8Array | undefined;
}

interface Giver {
  /** When it was asked for what it owes. */
  readonly asked: Map<Stretch, Timestamp>;
  nodes: number;
  /** Requests that it let lie since it last answered one. */
  late: number;
  /** What it did not give, and when it may be asked for that again; fewer than {@link MAX_REFUSED}. */
  readonly refused: Map<Stretch, Timestamp>;
  /** It may be asked for anything. */
  notBefore: Timestamp;
}

export type LayersOutcome =
  /** More is to come; or it was not asked for, and is not taken. */
  | { readonly kind: "more" | "unasked" }
  /** All of them, by root in hexadecimal. */
  | { readonly kind: "complete"; readonly layers: ReadonlyMap<string, Uint8Array> }
  /** What the peer gave does not lead to the root. */
  | { readonly kind: "lie"; readonly detail: string };

/**
 * Fetches the piece layers of a magnet link's v2 torrent (BEP 52), which its metadata leaves out. Each stretch comes with
 * the uncles up to the root of its file, so it is right or its giver lies, whoever gave the others.
 */
export class LayerFetch {
  readonly #sha256: Sha256;
  readonly #stretches: Stretch[] = [];
  /** Those of them that nobody has given yet. */
  readonly #missing: Set<Stretch>;
  /** Goes round through them: what was just asked for, or refused, comes again after all others. */
  #round: SetIterator<Stretch>;
  readonly #givers = new Map<number, Giver>();
  readonly #size: Bytes;
  #received: Bytes = 0;

  /** @param files - At least one. */
  constructor(files: readonly LayeredFile[], sha256: Sha256) {
    this.#sha256 = sha256;
    let size = 0;
    for (const file of files) {
      const { pieces } = treeShape(file.length, file.pieceLength);
      size += pieces * NODE_LENGTH;
      for (let index = 0; index < pieces; index += MAX_HASHES) {
        const lastAsked = Number.NEGATIVE_INFINITY;
        this.#stretches.push({ file, index, lastAsked, nodes: undefined });
      }
    }
    this.#size = size;
    this.#missing = new Set(this.#stretches);
    this.#round = this.#missing.values();
  }

  /** In bytes. */
  get progress(): { readonly received: Bytes; readonly size: Bytes } {
    return { received: this.#received, size: this.#size };
  }

  gone(peer: number): void {
    this.#givers.delete(peer);
  }

  /** @returns What to ask this peer for now; it counts as asked. */
  ask(peer: number, now: Timestamp): HashRequest[] {
    const giver = this.#givers.get(peer) ?? { asked: new Map(), nodes: 0, late: 0, refused: new Map(), notBefore: now };
    this.#givers.set(peer, giver);
    const requests: HashRequest[] = [];
    if (now < giver.notBefore) return requests;
    for (let left = Math.min(MAX_LOOKED, this.#missing.size); left > 0; left--) {
      if (giver.asked.size >= MAX_ASKED || giver.nodes >= MAX_NODES) break;
      const stretch = this.#next();
      if (giver.asked.has(stretch) || now - stretch.lastAsked < SECOND_OPINION) continue;
      if (now < (giver.refused.get(stretch) ?? now)) continue;
      stretch.lastAsked = now;
      giver.asked.set(stretch, now);
      const request = requestOf(stretch);
      giver.nodes += request.length;
      requests.push(request);
    }
    return requests;
  }

  /** @param hashes - Copied. */
  received(peer: number, hashes: Hashes): LayersOutcome {
    const stretch = this.#take(peer, hashes);
    if (stretch === undefined) return { kind: "unasked" };
    if (stretch.nodes !== undefined) return { kind: "more" };
    const { file } = stretch;
    const { index, length } = hashes;
    const over = nodeOver(hashes.nodes, treeHeight(length), absentNode(0, this.#sha256), this.#sha256);
    if (!bytesEqual(climb(over, index / length, hashes.uncles, this.#sha256), file.root)) {
      stretch.lastAsked = Number.NEGATIVE_INFINITY;
      const detail = `${length} hashes of pieces from ${index} on do not lead to the root ${toHex(file.root)}`;
      return { kind: "lie", detail };
    }
    const { pieces } = treeShape(file.length, file.pieceLength);
    stretch.nodes = hashes.nodes.slice(0, (pieces - index) * NODE_LENGTH);
    this.#received += stretch.nodes.length;
    this.#missing.delete(stretch);
    return this.#missing.size === 0 ? { kind: "complete", layers: this.#layers() } : { kind: "more" };
  }

  /** It won't give what it was asked for. */
  rejected(peer: number, request: HashRequest, now: Timestamp): void {
    const stretch = this.#take(peer, request);
    if (stretch === undefined) return;
    stretch.lastAsked = Number.NEGATIVE_INFINITY;
    putOff(this.#givers.get(peer) as Giver, stretch, now);
  }

  /** Gives up what was not answered in time. @returns Peers that let it come to that again and again. */
  expire(now: Timestamp): number[] {
    const idle: number[] = [];
    for (const [peer, giver] of this.#givers) {
      const late = [...giver.asked].filter(([, at]) => now - at >= PATIENCE);
      if (late.length === 0) continue;
      for (const [stretch] of late) {
        this.#forget(giver, stretch);
        putOff(giver, stretch, now);
      }
      giver.late++;
      if (giver.late >= MAX_LATE) idle.push(peer);
    }
    return idle;
  }

  /** Only while something is missing. */
  #next(): Stretch {
    const next = this.#round.next();
    if (next.done !== true) return next.value;
    this.#round = this.#missing.values();
    return this.#round.next().value as Stretch;
  }

  /** @returns What the peer was asked for in these words; it owes it no more. */
  #take(peer: number, { root, base, index, length, proofLayers }: HashRequest): Stretch | undefined {
    const giver = this.#givers.get(peer);
    for (const stretch of giver?.asked.keys() ?? []) {
      const request = requestOf(stretch);
      if (request.index !== index || request.length !== length || request.base !== base) continue;
      if (request.proofLayers !== proofLayers || !bytesEqual(request.root, root)) continue;
      this.#forget(giver as Giver, stretch);
      (giver as Giver).late = 0;
      return stretch;
    }
    return undefined;
  }

  #forget(giver: Giver, stretch: Stretch): void {
    giver.asked.delete(stretch);
    giver.nodes -= requestOf(stretch).length;
  }

  #layers(): Map<string, Uint8Array> {
    const layers = new Map<string, Uint8Array>();
    for (const { file, index, nodes } of this.#stretches) {
      const name = toHex(file.root);
      const whole = treeShape(file.length, file.pieceLength).pieces * NODE_LENGTH;
      const layer = layers.get(name) ?? new Uint8Array(whole);
      layers.set(name, layer);
      const at = index * NODE_LENGTH;
      layer.set(nodes as Uint8Array, at);
    }
    return layers;
  }
}

/** Of nodes past the end of a file, too: a request is for a power of two. */
function requestOf({ file, index }: Stretch): HashRequest {
  const { pieceHeight, rootHeight } = treeShape(file.length, file.pieceLength);
  const levels = rootHeight - pieceHeight;
  const length = Math.min(MAX_HASHES, 2 ** levels);
  return { root: file.root, base: pieceHeight, index, length, proofLayers: levels - 1 };
}

function putOff(giver: Giver, stretch: Stretch, now: Timestamp): void {
  giver.refused.set(stretch, now + OTHERS_FIRST);
  if (giver.refused.size < MAX_REFUSED) return;
  giver.refused.clear();
  giver.notBefore = now + OTHERS_FIRST;
}
