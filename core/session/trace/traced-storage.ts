import type { Bitfield } from "../../model/bitfield.ts";
import { fnv1a } from "../../model/bytes.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { DiskFault, PieceSlab, ReadResult, StoreResult } from "../../swarm/ports.ts";
import type { TorrentStorage } from "../ports.ts";
import type { Boundary } from "./boundary.ts";
import { type Fields, toPlain } from "./line.ts";

/** A torrent's storage whose orders and answers are recorded; its bytes are not. */
export class TracedStorage implements TorrentStorage {
  readonly #boundary: Boundary<Peer>;
  readonly #storage: TorrentStorage;
  readonly #torrent: number;
  /** Pieces that failed their hash: when they come right, the heart compares their blocks. */
  readonly #failed = new Set<PieceIndex>();

  constructor(boundary: Boundary<Peer>, storage: TorrentStorage, torrent: number) {
    this.#boundary = boundary;
    this.#storage = storage;
    this.#torrent = torrent;
  }

  reserve(length: Bytes): PieceSlab | undefined {
    const slab = this.#storage.reserve(length);
    this.#boundary.tell("order", "reserve", { torrent: this.#torrent, length, isGiven: slab !== undefined });
    return slab;
  }

  release(slab: PieceSlab): void {
    this.#storage.release(slab);
  }

  storePiece(piece: PieceIndex, slab: PieceSlab, done: (result: StoreResult) => void): void {
    this.#order("store", { piece }, (order) =>
      this.#storage.storePiece(piece, slab, (result) => {
        const isCompared = result.kind === "wrong-hash" || (result.kind === "stored" && this.#failed.delete(piece));
        if (result.kind === "wrong-hash") this.#failed.add(piece);
        const sums = isCompared ? { sums: blockSums(slab.bytes) } : {};
        this.#answer("stored", { order, ...verdict(result), ...sums }, () => done(result));
      }),
    );
  }

  writePart(
    piece: PieceIndex,
    begin: Bytes,
    length: Bytes,
    slab: PieceSlab,
    done: (result: StoreResult) => void,
  ): void {
    this.#order("write", { piece, begin, length }, (order) =>
      this.#storage.writePart(piece, begin, length, slab, (result) => this.#stored(order, result, done)),
    );
  }

  verifyPiece(piece: PieceIndex, done: (result: StoreResult) => void): void {
    this.#order("verify", { piece }, (order) =>
      this.#storage.verifyPiece(piece, (result) => this.#stored(order, result, done)),
    );
  }

  readBlock(piece: PieceIndex, begin: Bytes, length: Bytes, done: (result: ReadResult) => void): void {
    this.#order("read", { piece, begin, length }, (order) =>
      this.#storage.readBlock(piece, begin, length, (result) => {
        const fault = result.kind === "fault" ? { fault: toPlain(result.fault) } : {};
        this.#answer("read", { order, ...fault }, () => done(result));
      }),
    );
  }

  readLeaves(piece: PieceIndex, length: Bytes, done: (leaves: Uint8Array | undefined) => void): void {
    this.#order("read-leaves", { piece, length }, (order) =>
      this.#storage.readLeaves(piece, length, (leaves) => {
        const fields = leaves === undefined ? { order } : { order, leaves: toPlain(leaves) };
        this.#answer("leaves", fields, () => done(leaves));
      }),
    );
  }

  check(
    pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void {
    return this.#order("check", { pieces: toPlain(pieces) }, (order) => {
      const cancel = this.#storage.check(
        pieces,
        (piece, isRight) => this.#answer("checked", { order, piece, isRight }, () => each(piece, isRight)),
        (fault) => {
          const fields = fault === undefined ? { order } : { order, fault: toPlain(fault) };
          this.#answer("check-done", fields, () => done(fault));
        },
      );
      return () => this.#boundary.order("cancel-check", { order }, cancel);
    });
  }

  #stored(order: number, result: StoreResult, done: (result: StoreResult) => void): void {
    this.#answer("stored", { order, ...verdict(result) }, () => done(result));
  }

  #order<R>(kind: string, fields: Fields, go: (order: number) => R): R {
    const order = this.#boundary.nextOrder();
    return this.#boundary.order(kind, { torrent: this.#torrent, ...fields, order }, () => go(order));
  }

  #answer(kind: string, fields: Fields, go: () => void): void {
    this.#boundary.enter(kind, undefined, () => fields, go);
  }
}

function verdict(result: StoreResult): Fields {
  return result.kind === "fault" ? { fault: toPlain(result.fault) } : { result: result.kind };
}

/** What stands for the bytes of a piece that the heart compares. */
function blockSums(bytes: Uint8Array): number[] {
  const sums: number[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_LENGTH) sums.push(fnv1a(bytes.subarray(at, at + BLOCK_LENGTH)));
  return sums;
}
