import type { DiskFault } from "./disk-fault.ts";
import type { PieceHashing } from "./piece-hash.ts";

/** What the engine's thread sends to a disk worker. Memory goes by its place in a shared arena, never by copy. */

/** A torrent's files, told to a worker once, before its first order. */
export interface StorageOpening {
  readonly storage: number;
  readonly folder: string;
  /** Relative to the folder, parts joined by `/`; empty for padding. */
  readonly paths: readonly string[];
  readonly lengths: Float64Array;
  /** 1 for a padding file (BEP 47): it has bytes but no place on disk. */
  readonly padding: Uint8Array;
  readonly totalLength: number;
  readonly pieceLength: number;
  readonly hashing: PieceHashing;
  /** Shared by all threads, a {@link FILE_KNOWN} a file. */
  readonly known: Uint8Array;
}

/**
 * `seen`: it has been met or made at its full length, so its absence is a fault and it is not made anew.
 * `lost`: it was deleted, replaced or cut short since; it stays a fault until a check has shown what is there.
 */
export const FILE_KNOWN = { not: 0, seen: 1, lost: 2 } as const;

export type OrderBody =
  /** Hash `length` bytes at `at` of the piece arena; write them when they hash to `hash`. */
  | { readonly kind: "store"; readonly piece: number; readonly at: number; readonly hash: Uint8Array }
  /** Write without hashing: part of a piece too long for a slab. `offset` within the torrent. */
  | { readonly kind: "write"; readonly offset: number; readonly length: number; readonly at: number }
  /** Read into `at` of the read arena. `offset` within the torrent. */
  | { readonly kind: "read"; readonly offset: number; readonly length: number; readonly at: number }
  /** Hash pieces from disk, `first` and those after it, as many bytes of `hashes` each as such a hash has. */
  | {
      readonly kind: "verify";
      readonly first: number;
      readonly hashes: Uint8Array;
      /** Absent bytes are a fault; else the piece is simply not there. */
      readonly mustExist: boolean;
    }
  /** Hash each block of the first `length` bytes of a piece that is there (BEP 52). */
  | { readonly kind: "leaves"; readonly piece: number; readonly length: number }
  | { readonly kind: "make-empty" }
  | { readonly kind: "stat" }
  /** Make durable what this worker wrote since its last flush, or `everything` that anyone wrote. */
  | { readonly kind: "flush"; readonly everything: boolean }
  | { readonly kind: "remove" }
  /** Close its files and forget it. */
  | { readonly kind: "close" };

export type Order = OrderBody & { readonly id: number; readonly storage: number };

export type ToWorker = Order | { readonly kind: "open"; readonly opening: StorageOpening } | { readonly kind: "stop" };

export interface Answer {
  readonly id: number;
  readonly fault?: DiskFault;
  /** Of a `store`: the bytes hash to something else, nothing was written. */
  readonly isWrong?: true;
  /** Of a `verify`: 1 a right piece, 0 a wrong or absent one. */
  readonly right?: Uint8Array;
  /** Of a `leaves`: 32 bytes a block. */
  readonly leaves?: Uint8Array;
  /** Of a `stat`: size and modification time (ms) a file; size −1 when it is absent. */
  readonly stamps?: Float64Array;
}

export interface WorkerMemory {
  readonly pieces: SharedArrayBuffer;
  readonly reads: SharedArrayBuffer;
}
