import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, Download, Pause, Play } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { messageName } from "../../../core/model/wire-message.ts";
import { formatClock, formatMoment } from "../../format/units.ts";
import {
  messageDetail,
  NO_FILTER,
  WIRE_KINDS,
  type WireKind,
  type WireLine,
  wireJson,
  wireLines,
} from "../../format/wire-lines.ts";
import type { LoggedMessage } from "../../store/peer-life.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Segments } from "../parts/segments.tsx";

const ROW_HEIGHT = 22;
/** Nearer to the end than this, the log follows what is new. */
const AT_END = 2 * ROW_HEIGHT;

/** What both sides say, as it is said. @param name - Of the file that it is exported to, without its ending. */
export function WireLog({ messages, name }: { messages: readonly LoggedMessage[]; name: string }) {
  const { saveText } = useActions();
  const [filter, setFilter] = useState(NO_FILTER);
  /** What was there when the log was halted. */
  const [halted, setHalted] = useState<readonly LoggedMessage[]>();
  const shown = halted ?? messages;
  const lines = useMemo(() => wireLines(shown, filter), [shown, filter]);
  const count = lines.reduce((sum, { kind }) => sum + (kind === "message" ? 1 : 0), 0);
  const since = (messages.at(-1)?.number ?? -1) - (shown.at(-1)?.number ?? -1);
  return (
    <div className="wire">
      <div className="wire-tools">
        <Segments
          label={say.peer.waysLabel}
          chosen={filter.way}
          onChoose={(way) => setFilter({ ...filter, way })}
          segments={[
            { value: undefined, title: say.peer.ways.all, testId: "wire-way-all" },
            { value: "in" as const, title: say.peer.ways.in, testId: "wire-way-in" },
            { value: "out" as const, title: say.peer.ways.out, testId: "wire-way-out" },
          ]}
        />
        <select
          className="select"
          aria-label={say.peer.kindsLabel}
          value={filter.kind ?? ""}
          data-testid="wire-kind"
          onChange={({ target }) =>
            setFilter({ ...filter, kind: target.value === "" ? undefined : (target.value as WireKind) })
          }
        >
          <option value="">{say.peer.kinds.all}</option>
          {WIRE_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {say.peer.kinds[kind]}
            </option>
          ))}
        </select>
        <input
          type="search"
          className="wire-filter"
          placeholder={say.peer.filter}
          aria-label={say.peer.filter}
          spellCheck={false}
          value={filter.text}
          data-testid="wire-filter"
          onChange={({ target }) => setFilter({ ...filter, text: target.value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || filter.text === "") return;
            event.stopPropagation();
            setFilter({ ...filter, text: "" });
          }}
        />
        <span className="wire-count" data-testid="wire-count">
          {halted === undefined ? say.peer.linesOf(count, shown.length) : say.peer.paused(since)}
        </span>
        <Button
          className="button-small"
          aria-pressed={halted !== undefined}
          data-testid="wire-pause"
          onClick={() => setHalted(halted === undefined ? messages : undefined)}
        >
          {halted === undefined ? <Pause size={13} aria-hidden="true" /> : <Play size={13} aria-hidden="true" />}
          {halted === undefined ? say.peer.pause : say.peer.resume}
        </Button>
        <Button
          className="button-small"
          title={say.peer.exportHint}
          disabled={lines.length === 0}
          data-testid="wire-export"
          onClick={() => void saveText(`${name}.jsonl`, wireJson(lines))}
        >
          <Download size={13} aria-hidden="true" />
          {say.peer.export}
        </Button>
      </div>
      <WireLines lines={lines} empty={shown.length === 0 ? say.peer.noLines : say.peer.noneFits} />
    </div>
  );
}

/** The lines, the newest at the bottom; only those in sight exist. While the end is in sight, it stays there. */
function WireLines({ lines, empty }: { lines: readonly WireLine[]; empty: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => keyOf(lines[index]),
    overscan: 12,
  });
  useEffect(() => {
    if (follows && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follows, lines, virtualizer]);
  return (
    <div className="wire-body">
      <div
        ref={scroller}
        className="wire-lines"
        role="table"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        aria-label={say.peer.wire}
        aria-rowcount={lines.length}
        data-testid="wire-log"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setFollows(scrollHeight - scrollTop - clientHeight < AT_END)
        }
      >
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {virtualizer.getVirtualItems().map(({ index, start, key }) => (
            <Line key={key} line={lines[index]} index={index} top={start} />
          ))}
        </div>
        {lines.length === 0 && <p className="wire-empty">{empty}</p>}
      </div>
      {!follows && (
        <Button
          className="button-small wire-end"
          onClick={() => {
            setFollows(true);
            virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
          }}
        >
          <ArrowDownToLine size={13} aria-hidden="true" />
          {say.peer.toEnd}
        </Button>
      )}
    </div>
  );
}

function keyOf(line: WireLine | undefined): string | number {
  if (line === undefined) return -1;
  return line.kind === "gap" ? `before ${line.before}` : line.message.number;
}

function Line({ line, index, top }: { line: WireLine | undefined; index: number; top: number }) {
  if (line === undefined) return null;
  const style = { height: ROW_HEIGHT, transform: `translateY(${top}px)` };
  if (line.kind === "gap") {
    return (
      <div className="wire-line wire-gap" role="row" aria-rowindex={index + 1} style={style} data-testid="wire-gap">
        <span role="cell">{say.peer.notShown(line.missing)}</span>
      </div>
    );
  }
  const { message } = line;
  const { number, at, way, id } = message;
  return (
    <div
      className="wire-line"
      role="row"
      aria-rowindex={index + 1}
      style={style}
      data-testid="wire-line"
      data-number={number}
      data-way={way}
      data-id={id}
    >
      <span role="cell" className="wire-number">
        {number}
      </span>
      <span role="cell" className="wire-time" title={formatMoment(at)}>
        {formatClock(at)}
        <span className="wire-millis">{`.${String(Math.floor(at % 1000)).padStart(3, "0")}`}</span>
      </span>
      <span role="cell" className="wire-way">
        <span aria-hidden="true">{way === "in" ? "←" : "→"}</span>
        <span className="unseen">{way === "in" ? say.peer.from : say.peer.to}</span>
      </span>
      <span role="cell" className="wire-name">
        {messageName(id)}
      </span>
      <span role="cell" className="wire-detail">
        {messageDetail(message)}
      </span>
    </div>
  );
}
