import type { Metainfo } from "../metainfo/metainfo.ts";
import { toHex } from "../model/bytes.ts";
import { absentNode, layersFrom, NODE_LENGTH, type Sha256, type TreeShape, treeShape } from "../model/merkle.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../model/units.ts";
import { giveHashes, refuseHashes } from "../peer/hashes.ts";
import type { Peer } from "../peer/peer.ts";
import { type Hashes, type HashRequest, unclesOf } from "../wire/hash-message.ts";
import type { SwarmDisk } from "./ports.ts";

/** A peer is told no after it has had all there is this often; an honest one asks once. */
const COPIES_PER_PEER = 3;
/** Room for uncles and for leaves of pieces that failed. */
const COPY_OVERHEAD: Bytes = 64 * 1024;
/** Bytes waiting in our socket for one peer, beyond which it is told to ask again later. */
const MAX_BACKLOG: Bytes = 1024 * 1024;
/** Requests that are refused to one peer within a second. */
const MAX_REFUSED = 64;

/** A file of a v2 or hybrid torrent. */
interface KnownFile {
  readonly shape: TreeShape;
  readonly length: Bytes;
  readonly firstPiece: PieceIndex;
  /** The nodes over its pieces: its root, where it has one piece. */
  readonly layer: Uint8Array;
  /** From the layer up; made when somebody first asks. */
  layers?: readonly Uint8Array[];
}

/** What is needed of the torrent. */
interface Source {
  readonly disk: SwarmDisk;
  readonly ledger: { readonly verified: { has(piece: PieceIndex): boolean } };
}

/**
 * Gives peers hashes of a v2 or hybrid torrent (BEP 52 `hash request`): piece layers, which they lack when they come by a
 * magnet link, and the leaves of one piece, by which they find the wrong block of one that failed.
 */
export class HashService {
  readonly #sha256: Sha256;
  /** By root in hexadecimal. */
  readonly #files = new Map<string, KnownFile>();
  /** Bytes that each peer has had. */
  readonly #given = new Map<number, Bytes>();
  /** Requests refused to each peer since the last tick. */
  readonly #refused = new Map<number, number>();
  /** Peers for whom a piece is being read. */
  readonly #reading = new Set<number>();
  readonly #mostGiven: Bytes;

  constructor({ files, fileLayout, pieceLength, pieceLayers }: Metainfo, sha256: Sha256) {
    this.#sha256 = sha256;
    let size = COPY_OVERHEAD;
    for (const [index, { length, piecesRoot: root }] of files.entries()) {
      if (root === undefined) continue;
      const layer = length > pieceLength ? pieceLayers?.get(toHex(root)) : root;
      const firstPiece = fileLayout.piecesOf(index, pieceLength)?.first;
      if (layer === undefined || firstPiece === undefined) continue;
      this.#files.set(toHex(root), { shape: treeShape(length, pieceLength), length, firstPiece, layer });
      size += 2 * layer.length;
    }
    this.#mostGiven = COPIES_PER_PEER * size;
  }

  /** @param request - Its root is copied when it is kept. */
  asked(source: Source, peer: Peer, request: HashRequest): void {
    const mayHave = (this.#given.get(peer.id) ?? 0) < this.#mostGiven && peer.backlog < MAX_BACKLOG;
    if (!mayHave) return this.#refuse(peer, request);
    const hashes = this.answer(request);
    if (hashes !== undefined) return this.#give(peer, hashes);
    const asked = this.#pieceUnder(request);
    const isReadable = asked !== undefined && source.ledger.verified.has(asked.piece) && !this.#reading.has(peer.id);
    if (!isReadable) return this.#refuse(peer, request);
    const kept = { ...request, root: request.root.slice() };
    this.#reading.add(peer.id);
    source.disk.readLeaves(asked.piece, asked.length, (leaves) => {
      this.#reading.delete(peer.id);
      if (peer.isClosed) return;
      if (leaves === undefined) this.#refuse(peer, kept);
      else this.#give(peer, this.#withLeaves(kept, leaves));
      peer.flush();
    });
  }

  /** @returns Nodes of a piece layer; undefined for anything else. */
  answer(request: HashRequest): Hashes | undefined {
    const known = this.#files.get(toHex(request.root));
    if (known === undefined || !mayAsk(request, known.shape) || request.base !== known.shape.pieceHeight)
      return undefined;
    const nodes = this.#nodes(known, 0, request.index, request.length);
    return { ...request, nodes, uncles: this.#uncles(known, request) };
  }

  forget(peer: Peer): void {
    this.#given.delete(peer.id);
    this.#refused.delete(peer.id);
  }

  tick(): void {
    this.#refused.clear();
  }

  /** @returns The piece whose leaves, all of them, are asked for, and how much of it is of the file. */
  #pieceUnder(request: HashRequest): { readonly piece: PieceIndex; readonly length: Bytes } | undefined {
    const known = this.#files.get(toHex(request.root));
    if (known === undefined || request.base !== 0 || !mayAsk(request, known.shape)) return undefined;
    const { pieceHeight, pieces } = known.shape;
    const piece = request.index / request.length;
    if (request.length !== 2 ** pieceHeight || piece >= pieces) return undefined;
    // Of a hybrid torrent the piece goes on behind the file, with zeros.
    const begin = piece * request.length * BLOCK_LENGTH;
    const length = Math.min(request.length * BLOCK_LENGTH, known.length - begin);
    return { piece: known.firstPiece + piece, length };
  }

  #withLeaves(request: HashRequest, leaves: Uint8Array): Hashes {
    const nodes = new Uint8Array(request.length * NODE_LENGTH);
    nodes.set(leaves);
    return { ...request, nodes, uncles: this.#uncles(this.#files.get(toHex(request.root)) as KnownFile, request) };
  }

  /** What proves the node over all that is asked for, which is in the piece layer or above it. */
  #uncles(known: KnownFile, request: HashRequest): Uint8Array {
    const uncles = new Uint8Array((unclesOf(request) ?? 0) * NODE_LENGTH);
    const covered = Math.log2(request.length);
    for (let at = 0; at * NODE_LENGTH < uncles.length; at++) {
      const level = request.base + covered + at - known.shape.pieceHeight;
      const beside = Math.floor(request.index / 2 ** (covered + at)) ^ 1;
      uncles.set(this.#nodes(known, level, beside, 1), at * NODE_LENGTH);
    }
    return uncles;
  }

  /** @param level - Above the piece layer. */
  #nodes(known: KnownFile, level: number, first: number, count: number): Uint8Array {
    const { rootHeight, pieceHeight } = known.shape;
    known.layers ??= layersFrom(
      known.layer,
      rootHeight - pieceHeight,
      absentNode(pieceHeight, this.#sha256),
      this.#sha256,
    );
    const layer = known.layers[level] as Uint8Array;
    const there = layer.subarray(first * NODE_LENGTH, (first + count) * NODE_LENGTH);
    if (there.length === count * NODE_LENGTH) return there;
    const nodes = new Uint8Array(count * NODE_LENGTH);
    const absent = absentNode(pieceHeight + level, this.#sha256);
    for (let at = there.length; at < nodes.length; at += NODE_LENGTH) nodes.set(absent, at);
    nodes.set(there);
    return nodes;
  }

  #give(peer: Peer, hashes: Hashes): void {
    this.#given.set(peer.id, (this.#given.get(peer.id) ?? 0) + hashes.nodes.length + hashes.uncles.length);
    giveHashes(peer, hashes);
  }

  #refuse(peer: Peer, request: HashRequest): void {
    const refused = (this.#refused.get(peer.id) ?? 0) + 1;
    this.#refused.set(peer.id, refused);
    if (refused <= MAX_REFUSED) return refuseHashes(peer, request);
    const detail = `${refused} requests within a second for hashes that it is not given, at most ${MAX_REFUSED}`;
    peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
  }
}

/** Whether a tree of this shape has what is asked for. */
function mayAsk(request: HashRequest, { rootHeight }: TreeShape): boolean {
  const { base, index, length, proofLayers } = request;
  const levels = rootHeight - base;
  return unclesOf(request) !== undefined && index + length <= 2 ** levels && proofLayers < Math.max(levels, 1);
}
