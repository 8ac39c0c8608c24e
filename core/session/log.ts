import { LOG_ENTRIES, type LogEntry, type LogKind } from "../contract/views.ts";
import type { PieceIndex, Timestamp } from "../model/units.ts";

/** What happened to a torrent, newest kept. Entries are numbered, so a reader knows what it has seen. */
export class TorrentLog {
  readonly #entries: LogEntry[] = [];
  /** Entries ever written. */
  written = 0;

  write(at: Timestamp, kind: LogKind, text: string, piece?: PieceIndex): void {
    this.#entries.push(piece === undefined ? { at, kind, text } : { at, kind, text, piece });
    this.written++;
    if (this.#entries.length > LOG_ENTRIES) this.#entries.shift();
  }

  /** Entries after the first `seen` ever written, as far as they are kept. */
  since(seen: number): LogEntry[] {
    const fresh = this.written - seen;
    return fresh <= 0 ? [] : this.#entries.slice(-fresh);
  }
}
