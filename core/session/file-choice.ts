import type { FileRange } from "../metainfo/magnet.ts";
import type { Metainfo, TorrentFile } from "../metainfo/metainfo.ts";
import { Bitfield } from "../model/bitfield.ts";

/** Pieces that have a byte of a wanted file. Padding is nobody's wish. */
export function wantedPieces(metainfo: Metainfo, unwanted: ReadonlySet<number>): Bitfield {
  const { files, fileLayout, pieceLength, pieceCount } = metainfo;
  if (unwanted.size === 0) return Bitfield.full(pieceCount);
  const wanted = new Bitfield(pieceCount);
  files.forEach((file, index) => {
    if (file.isPadding || unwanted.has(index)) return;
    const span = fileLayout.piecesOf(index, pieceLength);
    if (span !== undefined) for (let piece = span.first; piece <= span.last; piece++) wanted.set(piece);
  });
  return wanted;
}

/** The files that a magnet link does not select (BEP 53). @param selected - Undefined: it selects all. */
export function outside(files: readonly TorrentFile[], selected: readonly FileRange[] | undefined): number[] {
  if (selected === undefined) return [];
  const isSelected = (index: number) => selected.some(([first, last]) => index >= first && index <= last);
  return files.flatMap((file, index) => (file.isPadding || isSelected(index) ? [] : [index]));
}
