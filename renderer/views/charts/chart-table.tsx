import type { Timestamp } from "../../../core/model/units.ts";
import { formatClock } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import type { Line } from "./plot.tsx";

/** As many as are read with patience, evenly over the span, the newest first. */
const ROWS = 24;

/** What a chart draws, in numbers. */
export function ChartTable({
  times,
  lines,
  format,
}: {
  times: readonly Timestamp[];
  lines: readonly Line[];
  format: (value: number) => string;
}) {
  const step = Math.max(1, Math.ceil(times.length / ROWS));
  const rows: number[] = [];
  for (let at = times.length - 1; at >= 0; at -= step) rows.push(at);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach it
    <div className="chart-table" tabIndex={0} role="group" aria-label={say.charts.table}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say.charts.time}</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {say.charts.series[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={times[row]}>
              <th scope="row">{formatClock(times[row] as number)}</th>
              {lines.map(({ name, values }) => (
                <td key={name}>{format(values[row] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
