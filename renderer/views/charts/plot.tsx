import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import type { HistorySeries } from "../../../core/contract/views.ts";
import type { Timestamp } from "../../../core/model/units.ts";
import { formatClock, NOTHING } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useScheme } from "../use-scheme.ts";
import { useSize } from "../use-size.ts";
import { colourReader, dashOf, tokenOf } from "./chart-colours.ts";

/** One line, and how its values are written. */
export interface Line {
  readonly name: HistorySeries;
  readonly values: readonly number[];
}

/** CSS pixels. */
const LEAST_HEIGHT = 90;

/** Lines over time; the legend tells what is under the pointer, else at the marked time or the latest. Says in words what it shows through its table. */
export function Plot({
  times,
  lines,
  from,
  to,
  at,
  format,
  isWhole,
}: {
  times: readonly Timestamp[];
  lines: readonly Line[];
  from: Timestamp;
  to: Timestamp;
  /** A time to be marked. */
  at?: Timestamp | undefined;
  format: (value: number) => string;
  /** Only whole numbers are on the scale. */
  isWhole: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const { width, height } = useSize(place);
  const scheme = useScheme();
  /** What is under the pointer; undefined: nothing, and the latest is told. */
  const [pointed, setPointed] = useState<number>();
  const names = lines.map(({ name }) => name).join(" ");
  const bounds = useRef({ from, to, at, format });
  bounds.current = { from, to, at, format };
  const isShort = to - from < 600_000;
  const data = useMemo(
    () => [times.map((time) => time / 1000), ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
    [times, lines],
  );
  const latest = useRef(data);
  latest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colour = colourReader(element);
    const face = getComputedStyle(element).fontFamily;
    const axis = { stroke: colour("--text-quiet"), font: `11px ${face}` };
    const grid = { stroke: colour("--line"), width: 1 };
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: Math.max(LEAST_HEIGHT, element.clientHeight),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { range: () => [bounds.current.from / 1000, bounds.current.to / 1000] },
        y: { range: (_, __, most) => [0, Math.max(isWhole ? 4 : 1, (most ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          grid,
          ticks: grid,
          space: 90,
          size: 34,
          values: (_, splits) => splits.map((split) => clock(split * 1000, isShort)),
        },
        {
          ...axis,
          grid,
          ticks: { show: false },
          size: 74,
          space: 34,
          ...(isWhole ? { incrs: WHOLE } : { incrs: BINARY }),
          values: (_, splits) => splits.map((split) => bounds.current.format(split)),
        },
      ],
      series: [
        {},
        ...names.split(" ").map((name, index): uPlot.Series => {
          const series = name as HistorySeries;
          const stroke = colour(tokenOf(series));
          return {
            stroke,
            width: 1.75,
            dash: dashOf(series),
            points: { show: false },
            ...(index === 0 ? { fill: `color-mix(in srgb, ${stroke} 12%, transparent)` } : {}),
          };
        }),
      ],
      hooks: {
        draw: [(chart) => markTime(chart, bounds.current.at, colour("--violet"))],
        setCursor: [({ cursor }) => setPointed(cursor.idx ?? undefined)],
      },
    };
    plot.current = new uPlot(options, latest.current, element);
    return () => {
      plot.current?.destroy();
      element.replaceChildren();
      plot.current = undefined;
    };
  }, [names, scheme, isWhole, isShort]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the bounds are read while it is drawn
  useEffect(() => plot.current?.setData(data), [data, from, to, at]);

  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height: Math.max(LEAST_HEIGHT, height) });
  }, [width, height]);

  const shown =
    pointed ??
    (at === undefined
      ? times.length - 1
      : Math.max(
          0,
          times.findLastIndex((time) => time <= at),
        ));
  const time = times[shown];
  return (
    <>
      <div ref={place} className="plot" data-testid="plot" data-points={times.length} aria-hidden="true" />
      <ul className="plot-legend" aria-hidden="true">
        {lines.map(({ name, values }) => (
          <li key={name}>
            <svg aria-hidden="true" width={18} height={4} style={{ color: `var(${tokenOf(name)})` }}>
              <line x1={0} x2={18} y1={2} y2={2} strokeDasharray={dashOf(name).join(" ")} />
            </svg>
            {say.charts.series[name]}
            <b>{values[shown] === undefined ? NOTHING : format(values[shown])}</b>
          </li>
        ))}
        <li className="plot-time">{pointed === undefined || time === undefined ? "" : formatClock(time)}</li>
      </ul>
    </>
  );
}

const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000];
/** Steps that read well in binary units. */
const BINARY = Array.from({ length: 46 }, (_, power) => 2 ** power);

/** `14:05`, or with seconds where minutes would repeat. */
function clock(at: Timestamp, hasSeconds: boolean): string {
  const text = formatClock(at);
  return hasSeconds ? text : text.replace(/(\d\d[:.]\d\d)[:.]\d\d/, "$1");
}

function markTime({ ctx, bbox, valToPos }: uPlot, at: Timestamp | undefined, colour: string): void {
  if (at === undefined) return;
  const x = Math.round(valToPos(at / 1000, "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
