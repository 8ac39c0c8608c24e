import { useMemo, useState } from "react";
import type { LogEntry, LogKind } from "../../core/contract/views.ts";
import { formatClock, formatMoment } from "../format/units.ts";
import { logKindWords } from "../format/words.ts";
import { selectedDetails } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useApp } from "./app-context.tsx";
import { Cell, Grid, type GridColumn } from "./parts/grid.tsx";
import { Segments } from "./parts/segments.tsx";

const columns = (words = say.log): readonly GridColumn<never>[] => [
  { id: "time", title: words.time },
  { id: "kind", title: words.kind },
  { id: "text", title: words.text },
];

const ROW_HEIGHT = 26;
const NONE: readonly LogEntry[] = [];

/** What happened to the torrent, newest first; by kind, when only some of it matters. */
export function LogTab() {
  const entries = useApp((state) => selectedDetails(state).log) ?? NONE;
  const [shown, setShown] = useState<LogKind>();
  const [selected, select] = useState<number>();
  const counts = useMemo(() => countKinds(entries), [entries]);
  // A row's key is its place from the oldest: newer entries leave it as it is until the log is full.
  const rows = useMemo(() => {
    const places: number[] = [];
    for (let i = entries.length - 1; i >= 0; i--) {
      if (shown === undefined || entries[i]?.kind === shown) places.push(i);
    }
    return places;
  }, [entries, shown]);
  return (
    <div className="log">
      <div className="tab-tools">
        <Segments
          label={say.log.kindsShown}
          chosen={shown}
          onChoose={setShown}
          segments={[
            { value: undefined, title: say.log.all, count: entries.length, testId: "log-filter-all" },
            ...[...counts].map(([kind, count]) => ({
              value: kind,
              title: logKindWords(kind),
              count,
              testId: `log-filter-${kind}`,
            })),
          ]}
        />
      </div>
      <Grid
        label={say.log.list}
        testId="log-list"
        className="log-table"
        columns={columns()}
        rows={rows}
        rowHeight={ROW_HEIGHT}
        selected={selected}
        onSelect={select}
        renderRow={(place, attributes) => {
          const entry = entries[place];
          if (entry === undefined) return null;
          return (
            <div key={place} {...attributes} data-testid="log-row" data-kind={entry.kind}>
              <Cell column="time" title={formatMoment(entry.at)}>
                {formatClock(entry.at)}
              </Cell>
              <Cell column="kind">
                <span className="log-kind" data-kind={entry.kind}>
                  {logKindWords(entry.kind)}
                </span>
              </Cell>
              <Cell column="text" title={entry.text}>
                <span className="ellipsis">{entry.text}</span>
              </Cell>
            </div>
          );
        }}
        empty={<p>{say.log.nothing}</p>}
      />
    </div>
  );
}

function countKinds(entries: readonly LogEntry[]): Map<LogKind, number> {
  const counts = new Map<LogKind, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
