import { toHex } from "./bytes.ts";

/**
 * What names a torrent: SHA-1 of the raw `info` bytes (BEP 3), SHA-256 of them (BEP 52), or both.
 * Always of the bytes as they came, never of a re-encoding.
 */
export type InfoHash =
  | { readonly kind: "v1"; readonly v1: Uint8Array }
  | { readonly kind: "v2"; readonly v2: Uint8Array }
  | { readonly kind: "hybrid"; readonly v1: Uint8Array; readonly v2: Uint8Array };

/** A torrent's name inside the engine and on its interfaces: 40 lower-case hex digits, see {@link torrentId}. */
export type TorrentId = string;

/** The 20 bytes that stand for the torrent in a handshake or announce: v1, else the truncated v2 (BEP 52). */
export function wireHash(hash: InfoHash): Uint8Array {
  return hash.kind === "v2" ? hash.v2.subarray(0, 20) : hash.v1;
}

/** The 20 bytes that also stand for a hybrid torrent, among those who know it by v2 alone. */
export function otherWireHash(hash: InfoHash): Uint8Array | undefined {
  return hash.kind === "hybrid" ? hash.v2.subarray(0, 20) : undefined;
}

export function torrentId(hash: InfoHash): TorrentId {
  return toHex(wireHash(hash));
}
