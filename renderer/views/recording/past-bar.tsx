import { ChevronFirst, ChevronLast, Pause, Play, StepBack, StepForward } from "lucide-react";
import { type CSSProperties, useEffect, useMemo, useRef } from "react";
import type { Mark } from "../../../core/contract/recording/frames.ts";
import type { Millis } from "../../../core/model/units.ts";
import { formatStretch } from "../../format/stretch.ts";
import { formatClock } from "../../format/units.ts";
import type { Past, Speed } from "../../store/recording.ts";
import { SPEEDS } from "../../store/recording.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import { useSize } from "../use-size.ts";
import { MarkList } from "./mark-list.tsx";

/** While it plays, the picture follows as often as an engine tells of changes at most. */
const FRAME: Millis = 100;

/** The time of a recording that is looked at: to be played, stepped and dragged through. */
export function PastBar() {
  const past = useApp((state) => state.past);
  return past === undefined ? null : <Bar past={past} />;
}

function Bar({ past }: { past: Past }) {
  const actions = useActions();
  const { at, start, end, isPlaying, speed, marks } = past;
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(actions.advancePast, FRAME);
    return () => clearInterval(timer);
  }, [isPlaying, actions]);
  const next = marks.find((mark) => mark.at > at);
  const last = marks.findLast((mark) => mark.at < at);
  const passed = `${formatStretch(at - start)} / ${formatStretch(end - start)}`;
  return (
    <section className="past-bar" aria-label={say.recording.past} data-testid="past-bar" data-at={at} data-end={end}>
      <div className="past-buttons">
        <IconButton
          icon={ChevronFirst}
          words={say.recording.lastMark}
          disabled={last === undefined}
          data-testid="past-last-mark"
          onClick={() => last !== undefined && actions.seek(last.at)}
        />
        <IconButton
          icon={StepBack}
          words={say.recording.back}
          disabled={at <= start}
          data-testid="past-back"
          onClick={() => actions.stepPast(-1)}
        />
        <IconButton
          icon={isPlaying ? Pause : Play}
          words={isPlaying ? say.recording.pause : say.recording.play}
          data-testid="past-play"
          onClick={() => actions.setPlaying(!isPlaying)}
        />
        <IconButton
          icon={StepForward}
          words={say.recording.forward}
          disabled={at >= end}
          data-testid="past-forward"
          onClick={() => actions.stepPast(1)}
        />
        <IconButton
          icon={ChevronLast}
          words={say.recording.nextMark}
          disabled={next === undefined}
          data-testid="past-next-mark"
          onClick={() => next !== undefined && actions.seek(next.at)}
        />
      </div>
      <select
        className="select"
        aria-label={say.recording.speed}
        value={speed}
        data-testid="past-speed"
        onChange={(event) => actions.setSpeed(Number(event.target.value) as Speed)}
      >
        {SPEEDS.map((one) => (
          <option key={one} value={one}>
            {say.recording.times(one)}
          </option>
        ))}
      </select>
      <span className="past-clock" data-testid="past-clock">
        {formatClock(at)}
      </span>
      <Track past={past} />
      <span className="past-passed">{passed}</span>
      <MarkList marks={marks} at={at} start={start} onChoose={(mark) => actions.seek(mark.at)} />
      {past.ending !== undefined && at >= end && (
        <p className="past-ending" role="status" data-testid="past-ending">
          {past.ending}
        </p>
      )}
    </section>
  );
}

/** A second at a time by the keyboard. */
const STEP: Millis = 1000;

function Track({ past }: { past: Past }) {
  const { seek, setPlaying } = useActions();
  const track = useRef<HTMLDivElement>(null);
  const { width } = useSize(track);
  const { at, start, end, marks, isPlaying } = past;
  const length = Math.max(1, end - start);
  const style = { "--past-share": `${(100 * (at - start)) / length}%` } as CSSProperties;
  return (
    <div className="past-track" ref={track} style={style}>
      <Ticks marks={marks} start={start} length={length} width={width} />
      <input
        type="range"
        min={start}
        max={end}
        step={1}
        value={at}
        aria-label={say.recording.time}
        aria-valuetext={say.recording.position(formatClock(at), formatStretch(at - start), formatStretch(length))}
        data-testid="past-time"
        onChange={(event) => seek(Number(event.target.value))}
        onKeyDown={(event) => {
          if (event.key === " ") {
            event.preventDefault();
            setPlaying(!isPlaying);
            return;
          }
          const by = STEPS[event.key];
          if (by === undefined) return;
          event.preventDefault();
          seek(at + by);
        }}
      />
    </div>
  );
}

const STEPS: Readonly<Record<string, Millis>> = {
  ArrowLeft: -STEP,
  ArrowDown: -STEP,
  ArrowRight: STEP,
  ArrowUp: STEP,
  PageDown: -30 * STEP,
  PageUp: 30 * STEP,
};

const KINDS = ["came", "left", "piece-failed", "fault", "done"] as const satisfies readonly Mark["kind"][];

/** One path a kind, whatever their number; the list says them in words. */
function Ticks({
  marks,
  start,
  length,
  width,
}: {
  marks: readonly Mark[];
  start: number;
  length: number;
  width: number;
}) {
  const paths = useMemo(() => {
    const columns = Object.fromEntries(KINDS.map((kind) => [kind, new Set<number>()])) as Record<
      Mark["kind"],
      Set<number>
    >;
    for (const { kind, at } of marks) columns[kind].add(Math.round(((at - start) / length) * width));
    return KINDS.map((kind) => ({
      kind,
      path: [...columns[kind]].map((x) => `M${x + 0.5} ${PLACES[kind]}v6`).join(""),
    }));
  }, [marks, start, length, width]);
  return (
    <svg className="past-ticks" aria-hidden="true" width={width} height={28}>
      {paths.map(({ kind, path }) => path !== "" && <path key={kind} d={path} data-kind={kind} />)}
    </svg>
  );
}

/** Above the line who came and what went wrong, below it who left. */
const PLACES: Record<Mark["kind"], number> = { came: 1, "piece-failed": 1, fault: 1, done: 1, left: 21 };
