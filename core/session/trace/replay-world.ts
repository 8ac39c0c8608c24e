import type { Bitfield } from "../../model/bitfield.ts";
import { writeUint32 } from "../../model/bytes.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../../model/units.ts";
import type { PeerLink } from "../../peer/ports.ts";
import type { DiskFault, PieceSlab, ReadResult, StoreResult } from "../../swarm/ports.ts";
import type { TorrentStorage } from "../ports.ts";
import { type Fields, fromPlain, numberOf, type Plain, type TraceLine } from "./line.ts";

/** What the stand-ins of a replay ask of the record. */
export interface Script {
  /** The line that comes next; undefined: none, or an input. */
  readonly next: TraceLine | undefined;
  /** An order was given, as the last line says: what came while it was taken comes now. */
  taken(): void;
  /** As {@link taken}, for an order that is answered later. @param answer - Gets the lines that answer it. */
  awaited(answer: (line: TraceLine) => void): void;
}

/** A link that swallows everything. */
export class ReplayLink implements PeerLink {
  readonly #script: Script;
  readonly #peer: number | undefined;
  #backlog: Bytes = 0;

  constructor(script: Script, peer: number | undefined) {
    this.#script = script;
    this.#peer = peer;
  }

  /** As the record has it: a line is there when it is another than before. */
  get backlog(): Bytes {
    const { next } = this.#script;
    if (next?.kind === "backlog" && next.fields.peer === this.#peer) this.#backlog = numberOf(next.fields, "bytes");
    return this.#backlog;
  }

  send(): void {
    this.#script.taken();
  }

  sendBlock(_header: Uint8Array, _block: Uint8Array, released: () => void): void {
    this.#script.awaited(released);
  }

  close(): void {
    this.#script.taken();
  }
}

/** A storage without bytes: what became of a piece is in the record. */
export class ReplayStorage implements TorrentStorage {
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  reserve(length: Bytes): PieceSlab | undefined {
    const { next } = this.#script;
    if (next?.kind === "reserve" && next.fields.isGiven === false) return undefined;
    return { bytes: new Uint8Array(length) };
  }

  release(): void {}

  storePiece(_piece: PieceIndex, slab: PieceSlab, done: (result: StoreResult) => void): void {
    this.#script.awaited(({ fields }) => {
      if (Array.isArray(fields.sums)) fillIn(slab.bytes, fields.sums);
      done(verdict(fields));
    });
  }

  writePart(
    _piece: PieceIndex,
    _begin: Bytes,
    _length: Bytes,
    _slab: PieceSlab,
    done: (result: StoreResult) => void,
  ): void {
    this.#script.awaited(({ fields }) => done(verdict(fields)));
  }

  verifyPiece(_piece: PieceIndex, done: (result: StoreResult) => void): void {
    this.#script.awaited(({ fields }) => done(verdict(fields)));
  }

  readBlock(_piece: PieceIndex, _begin: Bytes, length: Bytes, done: (result: ReadResult) => void): void {
    this.#script.awaited(({ fields }) => {
      const fault = faultOf(fields);
      if (fault === undefined) done({ kind: "block", bytes: new Uint8Array(length), release: () => {} });
      else done({ kind: "fault", fault });
    });
  }

  readLeaves(_piece: PieceIndex, _length: Bytes, done: (leaves: Uint8Array | undefined) => void): void {
    this.#script.awaited(({ fields }) => done(fromPlain(fields.leaves) as Uint8Array | undefined));
  }

  check(
    _pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void {
    this.#script.awaited(({ kind, fields }) => {
      if (kind === "checked") each(numberOf(fields, "piece"), fields.isRight === true);
      else done(faultOf(fields));
    });
    return () => this.#script.taken();
  }
}

function verdict(fields: Fields): StoreResult {
  const fault = faultOf(fields);
  if (fault !== undefined) return { kind: "fault", fault };
  return { kind: fields.result === "stored" ? "stored" : "wrong-hash" };
}

function faultOf({ fault }: Fields): DiskFault | undefined {
  return fault === undefined ? undefined : (fromPlain(fault) as DiskFault);
}

/** Blocks that differed differ again, and those that were the same are. */
function fillIn(piece: Uint8Array, sums: readonly Plain[]): void {
  const four = new Uint8Array(4);
  piece.fill(0);
  sums.forEach((sum, block) => {
    writeUint32(four, 0, Number(sum));
    const at = block * BLOCK_LENGTH;
    piece.set(four.subarray(0, Math.max(0, piece.length - at)), at);
  });
}
