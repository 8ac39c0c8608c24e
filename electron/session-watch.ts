import type { FromEngine } from "../core/contract/messages.ts";
import { applyPatch } from "../core/contract/patch.ts";
import type { TorrentView } from "../core/contract/views.ts";
import type { TorrentId } from "../core/model/info-hash.ts";
import type { BytesPerSecond } from "../core/model/units.ts";
import { words } from "./words.ts";

/** What the window's frame, the tray and the task bar say of the session. */
export interface SessionSummary {
  readonly downRate: BytesPerSecond;
  readonly upRate: BytesPerSecond;
  readonly downloading: number;
  /** Of all that is being downloaded, 0 … 1; undefined when nothing is. */
  readonly progress?: number;
}

/** The main process's own view of the session: where torrents are, how far, and which have just finished. */
export class SessionWatch {
  readonly #torrents = new Map<TorrentId, TorrentView>();
  readonly #completed: (torrent: TorrentView) => void;
  #downRate: BytesPerSecond = 0;
  #upRate: BytesPerSecond = 0;
  #isFirst = true;

  /** @param completed Told once for each torrent that becomes complete while we watch. */
  constructor(completed: (torrent: TorrentView) => void) {
    this.#completed = completed;
  }

  torrent(id: TorrentId): TorrentView | undefined {
    return this.#torrents.get(id);
  }

  heard(message: FromEngine): void {
    if (message.kind !== "update") return;
    this.#downRate = message.session?.set.downRate ?? this.#downRate;
    this.#upRate = message.session?.set.upRate ?? this.#upRate;
    for (const id of message.removed ?? []) this.#torrents.delete(id);
    for (const patch of message.torrents ?? []) {
      const before = this.#torrents.get(patch.id);
      const after = applyPatch(before, patch);
      this.#torrents.set(patch.id, after);
      if (!this.#isFirst && before?.completedAt === undefined && after.completedAt !== undefined)
        this.#completed(after);
    }
    this.#isFirst = false;
  }

  summary(): SessionSummary {
    const active = [...this.#torrents.values()].filter((torrent) => torrent.state === "downloading");
    const wanted = active.reduce((sum, torrent) => sum + torrent.bytesWanted, 0);
    const done = active.reduce((sum, torrent) => sum + torrent.bytesDone, 0);
    return {
      downRate: this.#downRate,
      upRate: this.#upRate,
      downloading: active.length,
      ...(wanted > 0 ? { progress: done / wanted } : {}),
    };
  }
}

/** One line, e.g. `Peerscope: 2 downloading, 1.5 MiB/s down, 20 KiB/s up`. */
export function summaryWords({ downloading, downRate, upRate }: SessionSummary): string {
  return words.summary(downloading, rateWords(downRate), rateWords(upRate));
}

function rateWords(rate: BytesPerSecond): string {
  const [value, unit, digits] =
    rate < 1024
      ? ([rate, "B/s", 0] as const)
      : rate < 999.5 * 1024
        ? ([rate / 1024, "KiB/s", 0] as const)
        : ([rate / 1024 ** 2, "MiB/s", 1] as const);
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${value.toLocaleString(words.locale, format)} ${unit}`;
}
