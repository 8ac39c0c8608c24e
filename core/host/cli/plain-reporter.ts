import type { FaultView, LogEntry, TorrentPreview, TorrentView } from "../../contract/views.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Millis, Timestamp } from "../../model/units.ts";
import { counted, formatBytes, formatPercent, formatRate, formatSpan } from "./format.ts";
import { progressLine } from "./progress-line.ts";
import type { Clock, Reporter } from "./reporter.ts";
import type { Terminal } from "./terminal.ts";

/** Into a file or a pipe, one line a torrent this often. */
const LINE_EVERY: Millis = 10_000;
/** Torrents drawn at once; a terminal is some 24 rows high. */
const MAX_BARS = 12;

/** For people: a line for what happens, and bars that are drawn over on a terminal. */
export class PlainReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #now: Clock;
  readonly #linesAt = new Map<TorrentId, Timestamp>();
  #drawn = 0;
  #torrents: readonly TorrentView[] = [];

  constructor(terminal: Terminal, now: Clock) {
    this.#terminal = terminal;
    this.#now = now;
  }

  added(torrent: TorrentView, preview: TorrentPreview): void {
    if (preview.isMagnet && torrent.pieceCount === 0) this.#line(`${torrent.name}: fetching its metadata from peers`);
    else this.metadata(torrent);
    for (const warning of preview.warnings) this.note(warning);
  }

  metadata(torrent: TorrentView): void {
    const pieces = `${torrent.pieceCount} pieces of ${formatBytes(torrent.pieceLength)}`;
    this.#line(`${torrent.name}: ${formatBytes(torrent.bytesTotal)}, ${pieces}, to ${torrent.folder}`);
  }

  checking(torrent: TorrentView): void {
    if (this.#terminal.isInteractive) this.#draw();
    else this.#line(`${torrent.name}: checking what is there`);
  }

  progress(torrents: readonly TorrentView[]): void {
    this.#torrents = torrents;
    if (this.#terminal.isInteractive) return this.#draw();
    for (const torrent of torrents) {
      const last = this.#linesAt.get(torrent.id) ?? 0;
      if (this.#now() - last < LINE_EVERY) continue;
      this.#linesAt.set(torrent.id, this.#now());
      this.#terminal.write(`${summary(torrent)}\n`);
    }
  }

  peer(): void {}

  peerClosed(): void {}

  pieceFailed(torrent: TorrentView, entry: LogEntry): void {
    this.#line(`${torrent.name}: ${entry.text}`);
  }

  done(torrent: TorrentView): void {
    this.#line(`${torrent.name}: complete, ${formatBytes(torrent.bytesWanted)} in ${torrent.folder}`);
  }

  stopped(torrent: TorrentView, fault: FaultView): void {
    this.note(`${torrent.name}: ${fault.path}: ${fault.cause}. ${fault.advice}`);
  }

  refused(_source: string, words: string): void {
    this.note(words);
  }

  note(words: string): void {
    this.#wipe();
    this.#terminal.complain(words);
    this.#draw();
  }

  end(torrents: readonly TorrentView[]): void {
    this.#torrents = torrents;
    if (this.#terminal.isInteractive) this.#draw();
    else for (const torrent of torrents) if (torrent.state !== "seeding") this.#terminal.write(`${summary(torrent)}\n`);
  }

  /** A line that stays, above the bars. */
  #line(text: string): void {
    this.#wipe();
    this.#terminal.write(`${text}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#terminal.isInteractive) return;
    const shown = this.#torrents.slice(0, MAX_BARS);
    const lines = shown.map((torrent) => progressLine(torrent, this.#terminal.columns - 1));
    const hidden = this.#torrents.length - shown.length;
    if (hidden > 0) lines.push(`and ${hidden} more`);
    this.#wipe();
    this.#terminal.write(lines.map((line) => `${line}\n`).join(""));
    this.#drawn = lines.length;
  }

  #wipe(): void {
    if (this.#drawn > 0) this.#terminal.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}

function summary(torrent: TorrentView): string {
  const { name, state, bytesDone, bytesWanted, bytesTotal, bytesChecked = 0, downRate, upRate, eta } = torrent;
  const peers = counted(torrent.peersConnected, "peer");
  if (state === "checking") return `${name}: checking, ${formatPercent(bytesChecked, bytesTotal)}`;
  if (state === "fetching-metadata") return `${name}: fetching its metadata, ${peers}`;
  const left = eta === undefined ? "" : `, ${formatSpan(eta)} left`;
  const rates = `${formatRate(downRate)} down, ${formatRate(upRate)} up`;
  return `${name}: ${state}, ${formatPercent(bytesDone, bytesWanted)}, ${rates}, ${peers}${left}`;
}
