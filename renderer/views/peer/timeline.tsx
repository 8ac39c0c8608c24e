import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Timestamp } from "../../../core/model/units.ts";
import {
  type ChartName,
  leastHeight,
  paintTimeline,
  type TimelineGeometry,
  timeAt,
  timelineGeometry,
  xOf,
} from "../../canvas/timeline.ts";
import { LIFE_PALETTES, type LifePalette } from "../../canvas/timeline-palette.ts";
import { bandSentence, shownBands } from "../../format/peer-bands.ts";
import { panned, type TimeLens, timeView, WHOLE_LIFE, zoomed } from "../../format/time-lens.ts";
import { formatClock, formatCount, formatMoment, formatRate, formatRoundTrip } from "../../format/units.ts";
import type { LifeHistory } from "../../store/peer-life.ts";
import { say } from "../../words/say.ts";
import { Button } from "../parts/buttons.tsx";
import { useScheme } from "../use-scheme.ts";
import { useSize } from "../use-size.ts";
import { LegendItem } from "./legend.tsx";
import { TimelineReadout } from "./timeline-readout.tsx";
import { useCanvas } from "./use-canvas.ts";

const ZOOM = 1.5;
/** Of a wheel's delta in pixels. */
const WHEEL_ZOOM = 0.0022;
const KEY_STEP = 1 / 100;
const NO_BANDS: readonly never[] = [];

/** A peer's life on one axis: what both sides said, and what was measured. @param until - Now, or when it left. */
export function Timeline({ history, until, isOpen }: { history: LifeHistory; until: Timestamp; isOpen: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const palette = LIFE_PALETTES[useScheme()];
  const [lens, setLens] = useState<TimeLens>(WHOLE_LIFE);
  const [pointed, setPointed] = useState<Timestamp>();
  const life = useMemo(() => ({ begun: history.begun, until }), [history.begun, until]);
  const bands = useMemo(() => shownBands(history), [history]);
  const geometry = useMemo(() => timelineGeometry(size.width, size.height, bands), [size, bands]);
  const view = useMemo(() => timeView(lens, life), [lens, life]);
  const paint = useCallback(
    (context: CanvasRenderingContext2D, font: string) =>
      paintTimeline(context, {
        ...{ geometry, view, history, until, palette, font },
        names: { bands: say.peer.bands, charts: say.peer.charts },
        write: writeValue,
        writeTime: (at, step) => (step < 60_000 ? formatClock(at) : formatClock(at).slice(0, 5)),
      }),
    [geometry, view, history, until, palette],
  );
  const told = useMemo(() => ({ ...geometry, view, until }), [geometry, view, until]);
  const canvas = useCanvas(geometry.width, geometry.height, paint, told);
  const [knownSince = history.begun] = history.changes;
  const forgottenSince = knownSince > history.begun ? knownSince : undefined;
  const gestures = useGestures(frame, { geometry, lens, life, setLens, setPointed });

  function handleKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const span = view.to - view.from;
    const moved = (by: number) => {
      const at = Math.min(until, Math.max(life.begun, (pointed ?? view.to) + by * span));
      setPointed(at);
      if (at < view.from) setLens(panned(lens, life, at - view.from));
      if (at > view.to) setLens(panned(lens, life, at - view.to));
    };
    const act = {
      ArrowLeft: () => moved(-KEY_STEP),
      ArrowRight: () => moved(KEY_STEP),
      PageUp: () => setLens(panned(lens, life, -span / 2)),
      PageDown: () => setLens(panned(lens, life, span / 2)),
      "+": () => setLens(zoomed(lens, life, 1 / ZOOM, pointed)),
      "-": () => setLens(zoomed(lens, life, ZOOM, pointed)),
      Home: () => setLens(WHOLE_LIFE),
      End: () => setLens({ ...lens, end: undefined }),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  return (
    <div className="timeline">
      <div className="timeline-tools">
        <Legend palette={palette} />
        <Button
          className="button-small"
          aria-label={say.peer.zoomOut}
          onClick={() => setLens(zoomed(lens, life, ZOOM))}
        >
          −
        </Button>
        <Button
          className="button-small"
          aria-label={say.peer.zoomIn}
          onClick={() => setLens(zoomed(lens, life, 1 / ZOOM))}
        >
          +
        </Button>
        <Button
          className="button-small"
          aria-pressed={lens.span === undefined}
          data-testid="timeline-whole"
          onClick={() => setLens(WHOLE_LIFE)}
        >
          {say.peer.wholeLife}
        </Button>
        {isOpen && (
          <Button
            className="button-small"
            aria-pressed={lens.end === undefined}
            data-testid="timeline-live"
            onClick={() => setLens({ ...lens, end: undefined })}
          >
            {say.peer.live}
          </Button>
        )}
      </div>
      <div className="timeline-scroll">
        <div
          ref={frame}
          className="timeline-frame"
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is walked by keys
          tabIndex={0}
          aria-label={`${say.peer.timeline}. ${say.peer.timelineHelp}`}
          style={{ minHeight: leastHeight(bands.length) }}
          data-testid="timeline"
          data-live={lens.end === undefined}
          onKeyDown={handleKey}
          {...gestures}
        >
          <canvas ref={canvas} className="timeline-canvas" data-testid="timeline-canvas" />
          {pointed !== undefined && pointed >= view.from && pointed <= view.to && (
            <TimelineReadout
              at={pointed}
              x={xOf(geometry, view, pointed)}
              geometry={geometry}
              history={history}
              bands={bands}
              until={until}
            />
          )}
        </div>
        <details className="in-words">
          <summary data-testid="timeline-words">{say.peer.inWords}</summary>
          <ul>
            {forgottenSince !== undefined && <li>{say.peer.forgotten(formatMoment(forgottenSince))}</li>}
            {(size.width === 0 ? NO_BANDS : bands).map((band) => (
              <li key={band} data-testid="timeline-band" data-band={band}>
                {bandSentence(history, band, until, isOpen)}
              </li>
            ))}
          </ul>
        </details>
      </div>
    </div>
  );
}

function Legend({ palette }: { palette: LifePalette }) {
  const { lines } = say.peer;
  return (
    <ul className="life-legend" aria-hidden="true">
      <LegendItem ink={palette.down} data-ink="down">
        {`${lines.down} · ${lines.outstanding}`}
      </LegendItem>
      <LegendItem ink={palette.up} data-ink="up">
        {`${lines.up} · ${lines.waiting}`}
      </LegendItem>
    </ul>
  );
}

function writeValue(chart: ChartName, value: number): string {
  if (chart === "rates") return formatRate(value);
  return chart === "requests" ? formatCount(value) : formatRoundTrip(value);
}

interface Handled {
  readonly geometry: TimelineGeometry;
  readonly lens: TimeLens;
  readonly life: { readonly begun: Timestamp; readonly until: Timestamp };
  readonly setLens: (lens: TimeLens) => void;
  readonly setPointed: (at: Timestamp | undefined) => void;
}

/** The wheel zooms where it points (sideways: moves), a drag moves, the pointer reads, a double click shows the whole. */
function useGestures(element: RefObject<HTMLElement | null>, handled: Handled) {
  const latest = useRef(handled);
  latest.current = handled;
  const dragged = useRef<{ readonly x: number; readonly lens: TimeLens } | undefined>(undefined);

  useEffect(() => {
    const frame = element.current;
    if (frame === null) return;
    const wheel = (event: WheelEvent) => {
      const { geometry, lens, life, setLens } = latest.current;
      event.preventDefault();
      const view = timeView(lens, life);
      const x = event.clientX - frame.getBoundingClientRect().left;
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        setLens(panned(lens, life, (sideways * (view.to - view.from)) / geometry.plotWidth));
      } else setLens(zoomed(lens, life, Math.exp(event.deltaY * WHEEL_ZOOM), timeAt(geometry, view, x)));
    };
    // React's own listeners are passive: the page would scroll as well.
    frame.addEventListener("wheel", wheel, { passive: false });
    return () => frame.removeEventListener("wheel", wheel);
  }, [element]);

  const place = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      dragged.current = { x: place(event), lens: latest.current.lens };
    },
    // Released, or taken away by the system.
    onLostPointerCapture() {
      dragged.current = undefined;
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const { geometry, lens, life, setLens, setPointed } = latest.current;
      const x = place(event);
      const view = timeView(lens, life);
      const from = dragged.current;
      if (from !== undefined && Math.abs(x - from.x) > 2) {
        const before = timeView(from.lens, life);
        setLens(panned(from.lens, life, ((from.x - x) * (before.to - before.from)) / geometry.plotWidth));
      }
      const isWithin = x >= geometry.plotLeft && x <= geometry.plotLeft + geometry.plotWidth;
      setPointed(isWithin ? timeAt(geometry, view, x) : undefined);
    },
    onPointerLeave() {
      latest.current.setPointed(undefined);
    },
    onDoubleClick() {
      latest.current.setLens(WHOLE_LIFE);
    },
  };
}
