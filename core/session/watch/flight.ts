import type { DetailUpdate, Watch } from "../../contract/messages.ts";
import type { Torrent } from "../torrent.ts";
import { ToldBlocks } from "./blocks.ts";
import { pieceDetail } from "./piece.ts";

/** What an interface was told of pieces under way: the blocks of all, and more of the one that it looks at. */
export class ToldFlight {
  readonly piece: number | undefined;
  readonly #blocks: ToldBlocks | undefined;
  /** As JSON. */
  #toldPiece: string | undefined;

  /** @param before - What was told until now: of what goes on being watched it stays. */
  constructor({ parts, piece }: Pick<Watch, "parts" | "piece">, before: ToldFlight | undefined) {
    this.piece = piece;
    const kept = before === undefined ? undefined : before.#blocks;
    this.#blocks = parts.includes("blocks") ? (kept ?? new ToldBlocks()) : undefined;
    if (before !== undefined && piece === before.piece) this.#toldPiece = before.#toldPiece;
  }

  /** @returns What is news, or undefined when nothing is. */
  update(torrent: Torrent): Pick<DetailUpdate, "blocks" | "piece"> | undefined {
    const blocks = this.#blocks?.update(torrent);
    const piece = this.#pieceUpdate(torrent);
    return blocks || piece ? { ...(blocks && { blocks }), ...(piece && { piece }) } : undefined;
  }

  #pieceUpdate(torrent: Torrent): DetailUpdate["piece"] {
    const detail = this.piece === undefined ? undefined : pieceDetail(torrent, this.piece);
    const text = JSON.stringify(detail?.attempts);
    if (text === this.#toldPiece) return undefined;
    this.#toldPiece = text;
    return detail;
  }
}
