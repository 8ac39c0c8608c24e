import { invariant } from "./invariant.ts";
import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "./units.ts";

/** A span of a torrent's bytes that one file holds. */
export interface FileSpan {
  readonly fileIndex: number;
  /** Offset within the file. */
  readonly fileOffset: Bytes;
  readonly length: Bytes;
}

/** What the layout needs of a file: its length. Padding files (BEP 47) have bytes but no file on disk. */
export interface LaidFile {
  readonly length: Bytes;
  readonly isPadding: boolean;
}

const NONE_SHORT: ReadonlyMap<PieceIndex, Bytes> = new Map();

/**
 * The pieces of a v2 torrent that end before their length is full (BEP 52): each file begins with a piece of its own,
 * and what is between is in no piece, though it counts in offsets.
 * @param files - With the gaps as padding files. A gap ends with the piece that it is in.
 */
export function shortPieces(files: readonly LaidFile[], pieceLength: Bytes): Map<PieceIndex, Bytes> {
  const short = new Map<PieceIndex, Bytes>();
  let at = 0;
  for (const { length, isPadding } of files) {
    if (isPadding) short.set(Math.floor(at / pieceLength), at % pieceLength);
    at += length;
  }
  return short;
}

/**
 * How a torrent's bytes divide into pieces and blocks. The only maker of valid piece indexes:
 * {@link isPiece} judges a number from outside, everything inside trusts it afterwards.
 */
export class PieceLayout {
  /** Gaps between the files of a v2 torrent included. */
  readonly totalLength: Bytes;
  readonly pieceLength: Bytes;
  readonly pieceCount: number;
  /** Blocks in every piece that is not short. */
  readonly blocksPerPiece: number;
  /** Length by piece, of those that a gap follows. */
  readonly #short: ReadonlyMap<PieceIndex, Bytes>;

  /** @param short - See {@link shortPieces}. None: pieces follow each other without a gap. */
  constructor(totalLength: Bytes, pieceLength: Bytes, short: ReadonlyMap<PieceIndex, Bytes> = NONE_SHORT) {
    invariant(totalLength >= 0 && pieceLength > 0, `layout of ${totalLength} bytes in pieces of ${pieceLength}`);
    this.#short = short;
    this.totalLength = totalLength;
    this.pieceLength = pieceLength;
    this.pieceCount = Math.ceil(totalLength / pieceLength);
    this.blocksPerPiece = Math.ceil(pieceLength / BLOCK_LENGTH);
  }

  isPiece(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.pieceCount;
  }

  pieceOffset(piece: PieceIndex): Bytes {
    return piece * this.pieceLength;
  }

  lengthOf(piece: PieceIndex): Bytes {
    return this.#short.get(piece) ?? this.spaceOf(piece);
  }

  blocksIn(piece: PieceIndex): number {
    return Math.ceil(this.lengthOf(piece) / BLOCK_LENGTH);
  }

  /** As {@link lengthOf}, with the gap after it. */
  spaceOf(piece: PieceIndex): Bytes {
    return piece === this.pieceCount - 1 ? this.totalLength - piece * this.pieceLength : this.pieceLength;
  }

  /** Bytes that are in pieces: gaps are in none. */
  get contentLength(): Bytes {
    let gaps = 0;
    for (const length of this.#short.values()) gaps += this.pieceLength - length;
    return this.totalLength - gaps;
  }

  blockLength(piece: PieceIndex, block: number): Bytes {
    return Math.min(BLOCK_LENGTH, this.lengthOf(piece) - block * BLOCK_LENGTH);
  }
}

/** Where each file begins in the torrent, and which files hold a given span. */
export class FileLayout {
  readonly files: readonly LaidFile[];
  readonly starts: Float64Array;

  constructor(files: readonly LaidFile[]) {
    this.files = files;
    this.starts = new Float64Array(files.length);
    let at = 0;
    for (let i = 0; i < files.length; i++) {
      this.starts[i] = at;
      at += (files[i] as LaidFile).length;
    }
  }

  /** The spans of files, in order, that hold `length` bytes from `offset`; padding files included. */
  spans(offset: Bytes, length: Bytes): FileSpan[] {
    const spans: FileSpan[] = [];
    let at = offset;
    let rest = length;
    for (let index = this.#fileAt(offset); index < this.files.length && rest > 0; index++) {
      const file = this.files[index] as LaidFile;
      const fileOffset = at - (this.starts[index] as number);
      const here = Math.min(rest, file.length - fileOffset);
      if (here <= 0) continue;
      spans.push({ fileIndex: index, fileOffset, length: here });
      at += here;
      rest -= here;
    }
    return spans;
  }

  /** First and last piece that hold a byte of the file; undefined for an empty file. */
  piecesOf(fileIndex: number, pieceLength: Bytes): { first: PieceIndex; last: PieceIndex } | undefined {
    const file = this.files[fileIndex] as LaidFile;
    if (file.length === 0) return undefined;
    const start = this.starts[fileIndex] as number;
    return { first: Math.floor(start / pieceLength), last: Math.floor((start + file.length - 1) / pieceLength) };
  }

  /** The last file that starts at or before `offset`: empty files share their start with the one after them. */
  #fileAt(offset: Bytes): number {
    let low = 0;
    let high = this.files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
