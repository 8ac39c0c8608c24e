import { useMemo, useState } from "react";
import type { HistorySeries, HistoryView } from "../../../core/contract/views.ts";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { HISTORY_SPANS, type HistorySpan } from "../../../core/model/sample-rings.ts";
import { formatBytes, formatCount, formatRate, NOTHING } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useApp } from "../app-context.tsx";
import { Segments } from "../parts/segments.tsx";
import { ChartTable } from "./chart-table.tsx";
import { type Line, Plot } from "./plot.tsx";
import { useHistory } from "./use-history.ts";

interface ChartKind {
  readonly id: "rates" | "peers" | "queues" | "memory";
  readonly series: readonly HistorySeries[];
  readonly format: (value: number) => string;
  readonly isWhole: boolean;
}

const KINDS: readonly ChartKind[] = [
  { id: "rates", series: ["down", "up"], format: (value) => (value < 1 ? "0" : formatRate(value)), isWhole: false },
  { id: "peers", series: ["seeds", "leechers", "connecting", "known"], format: formatWhole, isWhole: true },
  { id: "queues", series: ["hashing", "reading", "orders"], format: formatWhole, isWhole: true },
  { id: "memory", series: ["memory", "heap", "pool"], format: formatBytes, isWhole: false },
];

/** @param value - A mean of counts, which need not be whole. */
function formatWhole(value: number): string {
  return formatCount(Math.round(10 * value) / 10);
}

const SPANS = Object.keys(HISTORY_SPANS) as HistorySpan[];

/** @param torrent - Undefined: the whole session. */
export function Charts({ torrent }: { torrent: TorrentId | undefined }) {
  const [span, setSpan] = useState<HistorySpan>("5m");
  const [isTable, showTable] = useState(false);
  const past = useApp((state) => (torrent === undefined ? undefined : state.past));
  const { history, from, to } = useHistory(torrent, span);
  const isSoon = history !== undefined && history.times.length < 2;
  return (
    <div className="charts" data-testid="charts" data-of={torrent ?? "session"}>
      <div className="charts-tools">
        {past === undefined ? (
          <Segments
            label={say.charts.span}
            chosen={span}
            onChoose={setSpan}
            segments={SPANS.map((value) => ({ value, title: say.charts.spans[value], testId: `charts-${value}` }))}
          />
        ) : (
          <span className="quiet">{say.charts.past}</span>
        )}
        <button
          type="button"
          className="button button-plain button-small"
          aria-pressed={isTable}
          data-testid="charts-table"
          onClick={() => showTable(!isTable)}
        >
          {say.charts.table}
        </button>
        {isSoon && (
          <span className="quiet" role="status">
            {say.charts.soon}
          </span>
        )}
      </div>
      {history !== undefined && (
        <div className="charts-grid">
          {KINDS.map((kind) => (
            <Chart key={kind.id} kind={kind} history={history} from={from} to={to} at={past?.at} isTable={isTable} />
          ))}
        </div>
      )}
    </div>
  );
}

function Chart({
  kind,
  history,
  from,
  to,
  at,
  isTable,
}: {
  kind: ChartKind;
  history: HistoryView;
  from: number;
  to: number;
  at: number | undefined;
  isTable: boolean;
}) {
  const { id, series, format, isWhole } = kind;
  const lines = useMemo<readonly Line[]>(
    () =>
      series.flatMap((name) => {
        const values = history.series[name];
        return values === undefined ? [] : [{ name, values }];
      }),
    [series, history],
  );
  if (lines.length === 0) return null;
  return (
    <figure className="chart" data-testid="chart" data-chart={id}>
      <figcaption>
        <strong>{say.charts[id]}</strong>
        <span className="unseen" data-testid="chart-words">
          {lines.map((line) => wordsOf(line, format)).join("; ")}
        </span>
      </figcaption>
      {isTable ? (
        <ChartTable times={history.times} lines={lines} format={format} />
      ) : (
        <Plot times={history.times} lines={lines} from={from} to={to} at={at} format={format} isWhole={isWhole} />
      )}
    </figure>
  );
}

function wordsOf({ name, values }: Line, format: (value: number) => string): string {
  const now = values.at(-1);
  if (now === undefined) return `${say.charts.series[name]} ${NOTHING}`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const most = values.reduce((high, value) => Math.max(high, value), 0);
  return say.charts.summary(say.charts.series[name], format(now), format(mean), format(most));
}
