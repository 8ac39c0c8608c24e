import type { TorrentView } from "../../contract/views.ts";
import { columnsOf, counted, fitted, formatBytes, formatPercent, formatRate, formatSpan } from "./format.ts";

const NAME_COLUMNS = 28;
const LEAST_BAR = 10;
const MOST_BAR = 40;
/** The last cell of a bar in eighths. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One torrent in one line of at most `columns`: name, bar, numbers. What does not fit is left out from the end. */
export function progressLine(torrent: TorrentView, columns: number): string {
  const isChecking = torrent.state === "checking";
  const part = isChecking ? (torrent.bytesChecked ?? 0) : torrent.bytesDone;
  const whole = isChecking ? torrent.bytesTotal : torrent.bytesWanted;
  const name = fitted(torrent.name, Math.max(1, Math.min(NAME_COLUMNS, Math.floor(columns / 3))));
  const facts = isChecking ? ["checking"] : factsOf(torrent);
  const percent = formatPercent(part, whole).padStart(7);
  let tail = "";
  for (const fact of facts) {
    if (columnsOf(name) + percent.length + LEAST_BAR + columnsOf(tail) + columnsOf(fact) + 8 > columns) break;
    tail += `  ${fact}`;
  }
  const room = columns - columnsOf(name) - percent.length - columnsOf(tail) - 4;
  const bar = room < LEAST_BAR ? "" : ` ${barOf(whole === 0 ? 1 : part / whole, Math.min(MOST_BAR, room))}`;
  return fitted(`${name}${percent}${bar}${tail}`, columns).trimEnd();
}

function factsOf(torrent: TorrentView): string[] {
  if (torrent.state === "stopped-by-fault") return ["stopped by a fault"];
  if (torrent.state === "paused") return ["paused"];
  const { downRate, upRate, eta } = torrent;
  const peers = counted(torrent.peersConnected, "peer");
  if (torrent.state === "fetching-metadata") return ["fetching its metadata", peers];
  if (torrent.state === "seeding") return ["seeding", `↑ ${formatRate(upRate)}`, peers];
  const facts = [`↓ ${formatRate(downRate)}`, peers];
  if (eta !== undefined) facts.push(`${formatSpan(eta)} left`);
  return [...facts, `↑ ${formatRate(upRate)}`, `of ${formatBytes(torrent.bytesWanted)}`];
}

function barOf(share: number, cells: number): string {
  const eighths = Math.floor(Math.min(1, Math.max(0, share)) * cells * 8);
  const filled = "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
  return `▕${filled.padEnd(cells, " ")}▏`;
}
