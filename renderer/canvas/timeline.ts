import { SAMPLE_FIELDS } from "../../core/model/peer-history.ts";
import type { Timestamp } from "../../core/model/units.ts";
import { type BandName, stretchesOf } from "../format/peer-bands.ts";
import type { LifeHistory } from "../store/peer-life.ts";
import type { Band } from "./geometry.ts";
import { type Colour, cssColour } from "./palette.ts";
import type { LifePalette } from "./timeline-palette.ts";

/** The time that is in sight. */
export interface TimeView {
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** Where everything is on the timeline, in CSS pixels. */
export interface TimelineGeometry {
  readonly width: number;
  readonly height: number;
  /** Left of it are the names. */
  readonly plotLeft: number;
  readonly plotWidth: number;
  readonly bands: readonly (Band & { readonly name: BandName })[];
  readonly charts: readonly (Band & { readonly name: ChartName })[];
  /** Where the times are written. */
  readonly axisTop: number;
}

export type ChartName = "rates" | "requests" | "roundTrip";

const NAMES_WIDTH = 138;
const RIGHT = 68;
const TOP = 6;
const BAND_HEIGHT = 13;
const BAND_GAP = 4;
const CHART_GAP = 12;
const AXIS_HEIGHT = 20;
const LEAST_CHART = 34;
const MOST_CHART = 420;
/** How the charts share what the bands leave. */
const CHART_SHARES: readonly (readonly [ChartName, number])[] = [
  ["rates", 0.5],
  ["requests", 0.25],
  ["roundTrip", 0.25],
];

/** The least height at which everything can be read; below it the timeline scrolls. */
export function leastHeight(bandCount: number): number {
  return TOP + bandCount * (BAND_HEIGHT + BAND_GAP) + CHART_SHARES.length * (LEAST_CHART + CHART_GAP) + AXIS_HEIGHT;
}

export function timelineGeometry(width: number, space: number, names: readonly BandName[]): TimelineGeometry {
  const charts = space - leastHeight(names.length);
  let top = TOP;
  const bands = names.map((name) => {
    const band = { name, top, height: BAND_HEIGHT };
    top += BAND_HEIGHT + BAND_GAP;
    return band;
  });
  const places = CHART_SHARES.map(([name, share]) => {
    const height = Math.round(Math.min(MOST_CHART, LEAST_CHART + Math.max(0, charts) * share));
    top += CHART_GAP;
    const chart = { name, top, height };
    top += height;
    return chart;
  });
  const plotWidth = Math.max(1, width - NAMES_WIDTH - RIGHT);
  return { width, height: top + AXIS_HEIGHT, plotLeft: NAMES_WIDTH, plotWidth, bands, charts: places, axisTop: top };
}

/** CSS pixels from the canvas's left edge. */
export function xOf({ plotLeft, plotWidth }: TimelineGeometry, { from, to }: TimeView, at: Timestamp): number {
  return plotLeft + ((at - from) * plotWidth) / (to - from);
}

export function timeAt({ plotLeft, plotWidth }: TimelineGeometry, { from, to }: TimeView, x: number): Timestamp {
  return from + ((x - plotLeft) * (to - from)) / plotWidth;
}

export interface TimelinePicture {
  readonly geometry: TimelineGeometry;
  readonly view: TimeView;
  readonly history: LifeHistory;
  /** What is drawn is known until then. */
  readonly until: Timestamp;
  readonly palette: LifePalette;
  readonly font: string;
  readonly names: { readonly bands: Record<BandName, string>; readonly charts: Record<ChartName, string> };
  /** How a chart's value is written at its scale. */
  write(chart: ChartName, value: number): string;
  writeTime(at: Timestamp, step: number): string;
}

/** Fields of a sample by chart: drawn one over the other, the first one filled. */
const CHART_FIELDS: Record<ChartName, readonly { readonly field: number; readonly ink: "down" | "up" | "trip" }[]> = {
  rates: [
    { field: 1, ink: "down" },
    { field: 2, ink: "up" },
  ],
  requests: [
    { field: 3, ink: "down" },
    { field: 4, ink: "up" },
  ],
  roundTrip: [{ field: 5, ink: "trip" }],
};

/** @param context - Scaled to CSS pixels. */
export function paintTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { geometry, palette } = picture;
  context.clearRect(0, 0, geometry.width, geometry.height);
  context.textBaseline = "middle";
  paintTimes(context, picture);
  for (const band of geometry.bands) {
    writeName(context, picture, picture.names.bands[band.name], band.top + band.height / 2, palette.text);
    paintBand(context, picture, band);
  }
  for (const chart of geometry.charts) paintChart(context, picture, chart);
}

function writeName(
  context: CanvasRenderingContext2D,
  { geometry, font }: TimelinePicture,
  words: string,
  y: number,
  ink: Colour,
): void {
  context.font = `12px ${font}`;
  context.fillStyle = cssColour(ink);
  context.textAlign = "right";
  context.fillText(words, geometry.plotLeft - 10, y, geometry.plotLeft - 16);
}

function paintBand(
  context: CanvasRenderingContext2D,
  { geometry, view, history, until, palette }: TimelinePicture,
  { name, top, height }: TimelineGeometry["bands"][number],
): void {
  const { plotLeft, plotWidth } = geometry;
  const start = Math.max(plotLeft, xOf(geometry, view, history.begun));
  const end = Math.min(plotLeft + plotWidth, xOf(geometry, view, until));
  if (end <= start) return;
  context.save();
  context.beginPath();
  context.roundRect(start, top, end - start, height, 3);
  context.clip();
  context.fillStyle = cssColour(palette.track);
  context.fillRect(start, top, end - start, height);
  context.fillStyle = cssColour(palette.bands[name]);
  for (const stretch of stretchesOf(history, name, until)) {
    const left = xOf(geometry, view, stretch.from);
    const right = xOf(geometry, view, stretch.to);
    if (right >= plotLeft && left <= plotLeft + plotWidth)
      context.fillRect(left, top, Math.max(1, right - left), height);
  }
  context.restore();
}

function paintChart(
  context: CanvasRenderingContext2D,
  picture: TimelinePicture,
  { name, top, height }: TimelineGeometry["charts"][number],
): void {
  const { geometry, palette, font } = picture;
  const { plotLeft, plotWidth } = geometry;
  const most = niceCeiling(greatest(picture, name), name === "rates" ? 1024 : 10);
  const bottom = top + height;
  context.strokeStyle = cssColour(palette.grid);
  context.lineWidth = 1;
  for (const y of [top, bottom]) {
    context.beginPath();
    context.moveTo(plotLeft, Math.round(y) + 0.5);
    context.lineTo(plotLeft + plotWidth, Math.round(y) + 0.5);
    context.stroke();
  }
  writeName(context, picture, picture.names.charts[name], top + Math.min(height / 2, 12), palette.text);
  context.font = `11px ${font}`;
  context.textAlign = "left";
  context.fillStyle = cssColour(palette.quiet);
  context.fillText(picture.write(name, most), plotLeft + plotWidth + 8, top + 1, RIGHT - 10);
  context.save();
  context.beginPath();
  context.rect(plotLeft, top - 2, plotWidth, height + 4);
  context.clip();
  CHART_FIELDS[name].forEach(({ field, ink }, place) => {
    const line = stepLine(picture, field, top, height, most);
    context.strokeStyle = cssColour(palette[ink]);
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    for (const run of line) {
      if (place === 0 && field !== 5) fillBelow(context, run, bottom, palette[ink]);
      context.beginPath();
      for (const [x, y] of run) context.lineTo(x, y);
      context.stroke();
    }
  });
  context.restore();
}

function fillBelow(
  context: CanvasRenderingContext2D,
  run: readonly (readonly [number, number])[],
  bottom: number,
  ink: Colour,
): void {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return;
  context.beginPath();
  context.moveTo(first[0], bottom);
  for (const [x, y] of run) context.lineTo(x, y);
  context.lineTo(last[0], bottom);
  context.closePath();
  context.globalAlpha = 0.16;
  context.fillStyle = cssColour(ink);
  context.fill();
  context.globalAlpha = 1;
}

/** The visible part of one value as steps; where it is not known the line breaks off. */
function stepLine(
  { geometry, view, history }: TimelinePicture,
  field: number,
  top: number,
  height: number,
  most: number,
): (readonly [number, number])[][] {
  const runs: (readonly [number, number])[][] = [];
  let run: (readonly [number, number])[] = [];
  let start = history.begun;
  const { samples } = history;
  for (let i = 0; i < samples.length; i += SAMPLE_FIELDS) {
    const end = samples[i] as number;
    const value = samples[i + field] as number;
    if (value < 0) {
      if (run.length > 0) runs.push(run);
      run = [];
    } else if (end >= view.from && start <= view.to) {
      const y = top + height - (height * Math.min(value, most)) / most;
      run.push([xOf(geometry, view, start), y], [xOf(geometry, view, end), y]);
    }
    start = end;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function greatest({ view, history }: TimelinePicture, chart: ChartName): number {
  let most = 0;
  let start = history.begun;
  const { samples } = history;
  for (let i = 0; i < samples.length; i += SAMPLE_FIELDS) {
    const end = samples[i] as number;
    if (end >= view.from && start <= view.to) {
      for (const { field } of CHART_FIELDS[chart]) most = Math.max(most, samples[i + field] as number);
    }
    start = end;
  }
  return most;
}

/** Round numbers between 1 and 10. */
const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10] as const;

/** The end of a scale: a round number not below the value, at least 4. @param base - Units are powers of it: 10 or 1024. */
export function niceCeiling(value: number, base: number): number {
  if (value <= 4) return 4;
  const unit = base ** Math.floor(Math.log(value) / Math.log(base));
  const power = 10 ** Math.floor(Math.log10(value / unit));
  for (const step of ROUND) if (step * power * unit >= value) return Math.min(step * power, base) * unit;
  return base * unit;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400] as const;
const TIME_EVERY = 96;

/** Between two written times, in milliseconds. */
export function timeStep({ plotWidth }: TimelineGeometry, { from, to }: TimeView): number {
  const least = (to - from) / Math.max(1, plotWidth / TIME_EVERY) / 1000;
  return 1000 * (STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400);
}

function paintTimes(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { geometry, view, palette, font } = picture;
  const step = timeStep(geometry, view);
  context.font = `11px ${font}`;
  context.textAlign = "center";
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = Math.round(xOf(geometry, view, at)) + 0.5;
    context.strokeStyle = cssColour(palette.grid);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, geometry.axisTop + 3);
    context.stroke();
    context.fillStyle = cssColour(palette.quiet);
    context.fillText(picture.writeTime(at, step), x, geometry.axisTop + 12);
  }
}
