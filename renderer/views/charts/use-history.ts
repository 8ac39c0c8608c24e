import { useEffect, useState } from "react";
import type { HistoryView } from "../../../core/contract/views.ts";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { HISTORY_SPANS, type HistorySpan } from "../../../core/model/sample-rings.ts";
import type { Millis, Timestamp } from "../../../core/model/units.ts";
import { mergedHistory } from "../../store/history.ts";
import { useActions, useApp, useNow } from "../app-context.tsx";

/** New points of a longer span come less often; a look costs little. */
const LOOK_EVERY: Record<HistorySpan, Millis> = { "5m": 1000, "1h": 5000, "24h": 15_000 };

/** What was measured over a span until now, asked for as long as it is on the screen; in the past, the whole recording. */
export function useHistory(
  torrent: TorrentId | undefined,
  span: HistorySpan,
): { history: HistoryView | undefined; from: Timestamp; to: Timestamp } {
  const { lookAtHistory, pastHistory } = useActions();
  // The session is always that of the present.
  const past = useApp((state) => (torrent === undefined ? undefined : state.past));
  const isPast = past !== undefined;
  /** The clock is that of a recording, the session's is not. */
  const isElsewhere = useApp((state) => state.past !== undefined);
  const now = useNow();
  const [history, setHistory] = useState<HistoryView>();
  useEffect(() => {
    setHistory(undefined);
    if (isPast) return;
    let isOver = false;
    let isAsking = false;
    let known: HistoryView | undefined;
    const look = async () => {
      // Two that ask after the same moment would both bring the same points.
      if (isAsking) return;
      isAsking = true;
      const news = await lookAtHistory(torrent, span, known?.times.at(-1) ?? 0);
      isAsking = false;
      if (isOver || news === undefined) return;
      known = mergedHistory(known, news);
      setHistory(known);
    };
    void look();
    const timer = setInterval(look, LOOK_EVERY[span]);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [torrent, span, isPast, lookAtHistory]);
  if (past !== undefined)
    return { history: pastHistory(), from: past.start, to: Math.max(past.end, past.start + 1000) };
  const { step, count } = HISTORY_SPANS[span];
  const to = isElsewhere ? (history?.times.at(-1) ?? now) : now;
  return { history, from: to - step * count, to };
}
