import type { Metainfo } from "../metainfo/metainfo.ts";
import { type LayeredFile, layeredFiles } from "../metainfo/piece-layers.ts";
import { toHex } from "../model/bytes.ts";
import { absentNode, layersFrom, NODE_LENGTH, type Sha256, treeShape } from "../model/merkle.ts";
import type { Bytes } from "../model/units.ts";
import { giveHashes, refuseHashes } from "../peer/hashes.ts";
import type { Peer } from "../peer/peer.ts";
import { type Hashes, type HashRequest, unclesOf } from "../wire/hash-message.ts";

/** A peer is told no after it has had all there is this often; an honest one asks once. */
const COPIES_PER_PEER = 3;
/** Room for the uncles, of which small trees have more than nodes. */
const COPY_OVERHEAD: Bytes = 64 * 1024;
/** Bytes waiting in our socket for one peer, beyond which it is told to ask again later. */
const MAX_BACKLOG: Bytes = 1024 * 1024;
/** Requests that are refused to one peer within a second. */
const MAX_REFUSED = 64;

/** A file whose pieces are verified by a layer, and that layer. */
interface KnownFile {
  readonly file: LayeredFile;
  readonly layer: Uint8Array;
  /** From the layer up; made when somebody first asks. */
  layers?: readonly Uint8Array[];
}

/** Gives peers the piece layers of a v2 or hybrid torrent that they lack (BEP 52 `hash request`). */
export class HashService {
  readonly #sha256: Sha256;
  /** By root in hexadecimal. */
  readonly #files = new Map<string, KnownFile>();
  /** Bytes that each peer has had. */
  readonly #given = new Map<number, Bytes>();
  /** Requests refused to each peer since the last tick. */
  readonly #refused = new Map<number, number>();
  readonly #mostGiven: Bytes;

  constructor({ files, pieceLength, pieceLayers }: Metainfo, sha256: Sha256) {
    this.#sha256 = sha256;
    let size = COPY_OVERHEAD;
    for (const file of layeredFiles(files, pieceLength)) {
      const name = toHex(file.root);
      const layer = pieceLayers?.get(name);
      if (layer === undefined) continue;
      this.#files.set(name, { file, layer });
      size += 2 * layer.length;
    }
    this.#mostGiven = COPIES_PER_PEER * size;
  }

  asked(peer: Peer, request: HashRequest): void {
    const given = this.#given.get(peer.id) ?? 0;
    const mayHave = given < this.#mostGiven && peer.backlog < MAX_BACKLOG;
    const hashes = mayHave ? this.answer(request) : undefined;
    if (hashes === undefined) return this.#refuse(peer, request);
    this.#given.set(peer.id, given + hashes.nodes.length + hashes.uncles.length);
    giveHashes(peer, hashes);
  }

  /** @returns Undefined for what is not ours to give: only piece layers are. */
  answer(request: HashRequest): Hashes | undefined {
    const known = this.#files.get(toHex(request.root));
    const uncles = unclesOf(request);
    if (known === undefined || uncles === undefined) return undefined;
    const { pieceHeight, rootHeight } = treeShape(known.file.length, known.file.pieceLength);
    const { base, index, length, proofLayers } = request;
    const levels = rootHeight - pieceHeight;
    if (base !== pieceHeight || index + length > 2 ** levels || proofLayers >= Math.max(levels, 1)) return undefined;
    known.layers ??= layersFrom(known.layer, levels, absentNode(pieceHeight, this.#sha256), this.#sha256);
    const nodes = this.#nodes(known.layers, 0, index, length, pieceHeight);
    const proof = new Uint8Array(uncles * NODE_LENGTH);
    const covered = Math.log2(length);
    for (let at = 0; at < uncles; at++) {
      const level = covered + at;
      const beside = Math.floor(index / 2 ** level) ^ 1;
      proof.set(this.#nodes(known.layers, level, beside, 1, pieceHeight), at * NODE_LENGTH);
    }
    return { ...request, nodes, uncles: proof };
  }

  forget(peer: Peer): void {
    this.#given.delete(peer.id);
    this.#refused.delete(peer.id);
  }

  tick(): void {
    this.#refused.clear();
  }

  /** @param level - Above the piece layer. */
  #nodes(layers: readonly Uint8Array[], level: number, first: number, count: number, pieceHeight: number): Uint8Array {
    const layer = layers[level] as Uint8Array;
    const there = layer.subarray(first * NODE_LENGTH, (first + count) * NODE_LENGTH);
    if (there.length === count * NODE_LENGTH) return there;
    const nodes = new Uint8Array(count * NODE_LENGTH);
    const absent = absentNode(pieceHeight + level, this.#sha256);
    for (let at = there.length; at < nodes.length; at += NODE_LENGTH) nodes.set(absent, at);
    nodes.set(there);
    return nodes;
  }

  #refuse(peer: Peer, request: HashRequest): void {
    const refused = (this.#refused.get(peer.id) ?? 0) + 1;
    this.#refused.set(peer.id, refused);
    if (refused <= MAX_REFUSED) return refuseHashes(peer, request);
    const detail = `${refused} requests within a second for hashes that it is not given, at most ${MAX_REFUSED}`;
    peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
  }
}
