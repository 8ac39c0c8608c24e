import { Sample } from "../disk/sample.ts";

export const SAMPLE_ID = "ab".repeat(20);
/** Pieces under way at a time, and pieces between two records. */
export const AT_ONCE = 4;
export const SAVE_EVERY = 16;
const KIB = 1024;

/** The same in every process. */
export function killSample() {
  const sample = new Sample(64 * KIB, [
    { path: "album/a", length: 9_000_001 },
    { path: "album/b/empty", length: 0 },
    { path: "album/b/c", length: 7_777_777 },
    { path: "album/d", length: 100 },
  ]);
  const { layout, fileLayout, files, pieceHashes } = sample;
  return {
    layout,
    fileLayout,
    files,
    pieceHashes,
    hashing: "sha1" as const,
    piece: (piece: number) => sample.piece(piece),
    sample,
  };
}
