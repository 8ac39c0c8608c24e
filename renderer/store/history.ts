import type { Recording } from "../../core/contract/recording/recording.ts";
import type { HistorySeries, HistoryView } from "../../core/contract/views.ts";
import { HISTORY_SPANS } from "../../core/model/sample-rings.ts";

/** @returns What was known and what came since, as much as the span has. */
export function mergedHistory(before: HistoryView | undefined, news: HistoryView): HistoryView {
  if (before === undefined || before.span !== news.span) return news;
  const { count, step } = HISTORY_SPANS[news.span];
  const last = news.times.at(-1) ?? before.times.at(-1) ?? 0;
  const keep = <T>(old: readonly T[] = [], fresh: readonly T[] = []) => [...old, ...fresh].slice(-count);
  const times = keep(before.times, news.times);
  // After a pause of the engine, what is older than the span is no longer of it.
  const stale = times.findIndex((at) => at > last - count * step);
  const names = new Set([...Object.keys(before.series), ...Object.keys(news.series)]) as Set<HistorySeries>;
  const series = [...names].map((name) => [name, keep(before.series[name], news.series[name]).slice(stale)]);
  return { span: news.span, times: times.slice(stale), series: Object.fromEntries(series) };
}

/** More steps than a chart has pixels are looked at by their keyframes alone. */
const MOST_STEPS = 3000;
const RECORDED = ["down", "up", "seeds", "leechers", "known"] as const satisfies readonly HistorySeries[];

const histories = new WeakMap<Recording, HistoryView>();

/** How a torrent was over a whole recording: what its own view tells. */
export function historyOfRecording(recording: Recording): HistoryView {
  const known = histories.get(recording);
  if (known !== undefined) return known;
  const times: number[] = [];
  const series: Record<(typeof RECORDED)[number], number[]> = { down: [], up: [], seeds: [], leechers: [], known: [] };
  let now = { down: 0, up: 0, seeds: 0, peers: 0, known: 0 };
  for (let number = 0; number < recording.stepCount; number++) {
    if (recording.stepCount > MOST_STEPS && recording.keyBefore(number) !== number) continue;
    const { at, content } = recording.step(number);
    const set = content.update?.torrents?.[0]?.set;
    now = {
      down: set?.downRate ?? now.down,
      up: set?.upRate ?? now.up,
      seeds: set?.seedsConnected ?? now.seeds,
      peers: set?.peersConnected ?? now.peers,
      known: set?.peersKnown ?? now.known,
    };
    times.push(at);
    for (const name of ["down", "up", "seeds"] as const) series[name].push(now[name]);
    series.leechers.push(now.peers - now.seeds);
    series.known.push(Math.max(0, now.known - now.peers));
  }
  const history: HistoryView = { span: "5m", times, series };
  histories.set(recording, history);
  return history;
}
