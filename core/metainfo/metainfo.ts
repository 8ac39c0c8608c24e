import { bytesEqual } from "../model/bytes.ts";
import type { InfoHash } from "../model/info-hash.ts";
import type { FileLayout, PieceLayout } from "../model/layout.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import type { Magnet } from "./magnet.ts";

/** The two digests that name torrents, from whoever has them: the heart computes no hashes itself. */
export interface Digest {
  /** @returns 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array;
  /** @returns 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
}

/** Whether an `info` dictionary is what the info hash names: both hashes of a hybrid torrent must say so. */
export function isInfoOf(info: Uint8Array, hash: InfoHash, { sha1, sha256 }: Digest): boolean {
  if (hash.kind !== "v2" && !bytesEqual(sha1(info), hash.v1)) return false;
  return hash.kind === "v1" || bytesEqual(sha256(info), hash.v2);
}

/** BEP 47 `attr`, padding aside. */
export interface FileAttributes {
  readonly isExecutable: boolean;
  readonly isHidden: boolean;
  /** Where a symbolic link points, within the torrent and safe as {@link TorrentFile.path}. It has no bytes. */
  readonly symlinkTarget?: readonly string[];
}

/** One file of a torrent, in the order of its bytes. */
export interface TorrentFile {
  /**
   * Relative to the folder that the torrent is saved in, the torrent's own folder included. Every part is safe to
   * create on every system, and no two files share a path, letter case and Unicode form not counted.
   */
  readonly path: readonly string[];
  readonly length: Bytes;
  /** Bytes that align the next file (BEP 47): zeros, never on disk. Paths of padding may repeat. */
  readonly isPadding: boolean;
  readonly attributes: FileAttributes;
  /** What verifies it in a v2 or hybrid torrent (BEP 52), 32 bytes. Of files that have bytes. */
  readonly piecesRoot?: Uint8Array;
}

/** A DHT node that the torrent recommends (BEP 5). */
export interface MetainfoNode {
  readonly host: string;
  readonly port: number;
}

/** What a .torrent says, made safe to act upon. */
export interface Metainfo {
  readonly infoHash: InfoHash;
  /** The raw `info` dictionary as it came: what is hashed and what other peers are given (BEP 9). A copy. */
  readonly infoBytes: Uint8Array;
  /** Safe as a file name. For several files, that of the folder around them. */
  readonly name: string;
  /** Bare file, or files in a folder. */
  readonly isMultiFile: boolean;
  readonly files: readonly TorrentFile[];
  /** Padding included. */
  readonly totalLength: Bytes;
  readonly pieceLength: Bytes;
  readonly pieceCount: number;
  /**
   * What verifies every piece: its SHA-1, 20 bytes each; of a v2-only torrent the root over its blocks (BEP 52), 32
   * bytes each. A copy.
   */
  readonly pieceHashes: Uint8Array;
  /** Of a v2 or hybrid torrent, by pieces root in hexadecimal: the nodes over each piece of files of several (BEP 52). */
  readonly pieceLayers?: ReadonlyMap<string, Uint8Array>;
  /** URLs in tiers (BEP 12), each once. Their schemes are not judged. */
  readonly trackerTiers: readonly (readonly string[])[];
  /** BEP 19. http(s) only. */
  readonly webSeeds: readonly string[];
  /** BEP 17. http(s) only. */
  readonly httpSeeds?: readonly string[];
  readonly nodes: readonly MetainfoNode[];
  /** BEP 27: peers come from its trackers alone. */
  readonly isPrivate: boolean;
  readonly comment?: string;
  readonly createdBy?: string;
  readonly createdAt?: Timestamp;
  readonly source?: string;
  /** What is odd and was put right, in words. */
  readonly warnings: readonly string[];
  readonly layout: PieceLayout;
  readonly fileLayout: FileLayout;
  /** The link that names it, while nothing but that is known: then there are no files, pieces or `infoBytes`. */
  readonly magnet?: Magnet;
}

/** Why a .torrent is refused. */
export interface MetainfoFault {
  readonly kind: /** Not bencode, or beyond its limits. */
    | "bencode"
    /** A key that must be there is missing or of the wrong type. */
    | "structure"
    /** A key that only an attack would use. */
    | "hostile-key"
    | "piece-length"
    | "piece-hashes"
    | "length"
    /** A path that leaves the torrent's folder, or can't be made on any system. */
    | "path"
    | "duplicate-names"
    /** The two halves of a hybrid torrent disagree (BEP 52). */
    | "hybrid"
    /** The hashes of a v2 torrent are missing, or not what their root says (BEP 52). */
    | "piece-layers"
    | "unsupported";
  /** One line with the numbers that matter. */
  readonly words: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: MetainfoFault };

export function refused(
  kind: MetainfoFault["kind"],
  words: string,
): { readonly ok: false; readonly fault: MetainfoFault } {
  return { ok: false, fault: { kind, words } };
}

/** Whoever makes or reads more warnings than this has seen enough. */
const MAX_WARNINGS = 50;

/** Collects warnings; past {@link MAX_WARNINGS} it only counts them. */
export class Warnings {
  readonly #texts: string[] = [];
  #more = 0;

  add(text: string): void {
    if (this.#texts.length < MAX_WARNINGS) this.#texts.push(text);
    else this.#more++;
  }

  all(): string[] {
    return this.#more === 0 ? [...this.#texts] : [...this.#texts, `and ${this.#more} more warnings`];
  }
}
