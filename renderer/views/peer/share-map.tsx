import { type KeyboardEvent, type PointerEvent, useCallback, useMemo, useRef, useState } from "react";
import type { FileView } from "../../../core/contract/views.ts";
import {
  cellAt,
  cellPlace,
  countShares,
  paintShares,
  SHARE,
  type ShareGeometry,
  type ShareName,
  shareGeometry,
  sharesOf,
} from "../../canvas/share-map.ts";
import { LIFE_PALETTES } from "../../canvas/timeline-palette.ts";
import { fileNames, filesOfPiece } from "../../format/describe-pieces.ts";
import { formatCount } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useScheme } from "../use-scheme.ts";
import { useSize } from "../use-size.ts";
import { LegendItem } from "./legend.tsx";
import { useCanvas } from "./use-canvas.ts";

/** Of the height in sight; the rest is for the requests. */
const MOST_SPACE = 0.5;
const LEAST_SPACE = 90;
const WIDTH = 250;
const NAMES: readonly ShareName[] = ["both", "onlyIt", "onlyWe", "neither"];

interface Pieces {
  readonly states: Uint8Array;
  readonly bits: Uint8Array | undefined;
  readonly flight: ReadonlySet<number>;
  readonly next: ReadonlySet<number>;
}

/** A peer's pieces against ours in four colours, with what is in flight and what comes next. */
export function ShareMap({
  states,
  bits,
  flight,
  next,
  files,
  pieceLength,
  height,
}: Pieces & {
  files: readonly FileView[];
  pieceLength: number;
  /** In sight, of the page's part. */
  height: number;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const palette = LIFE_PALETTES[useScheme()];
  const [pointed, setPointed] = useState<number>();
  const shares = useMemo(() => sharesOf(states, bits), [states, bits]);
  const geometry = useMemo(
    () => shareGeometry(size.width, Math.max(LEAST_SPACE, MOST_SPACE * height), shares.length),
    [size.width, height, shares.length],
  );
  const paint = useCallback(
    (context: CanvasRenderingContext2D) => paintShares(context, { geometry, shares, flight, next, palette }),
    [geometry, shares, flight, next, palette],
  );
  const canvas = useCanvas(geometry.width, geometry.height, paint, geometry);
  const counts = countShares(shares);

  function point(event: PointerEvent<HTMLElement>): void {
    const box = canvas.current?.getBoundingClientRect();
    if (box !== undefined) setPointed(cellAt(geometry, event.clientX - box.left, event.clientY - box.top));
  }

  function handleKey(event: KeyboardEvent): void {
    const { columns, cells } = geometry;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setPointed(pointed === undefined ? 0 : Math.min(cells - 1, Math.max(0, pointed + by)));
  }

  return (
    <section className="shares">
      <div className="section-head">
        <h3>{say.peer.piecesOf}</h3>
        <ul className="life-legend">
          {NAMES.map((name) => (
            <LegendItem
              key={name}
              ink={palette.shares[name]}
              data-share={name}
              data-testid="share-count"
              data-count={counts[name]}
            >
              {say.peer.shares[name]} <span className="quiet">{formatCount(counts[name])}</span>
            </LegendItem>
          ))}
          <LegendItem ink={palette.flight} data-share="flight">
            {say.peer.inFlight}
          </LegendItem>
          <LegendItem ink={palette.next} data-share="next">
            {say.peer.nextWanted}
          </LegendItem>
          {geometry.perCell > 1 && <li className="quiet">{say.peer.inOneCell(geometry.perCell)}</li>}
        </ul>
      </div>
      <div
        ref={frame}
        className="shares-frame"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is walked by keys
        tabIndex={0}
        aria-label={`${say.peer.piecesOf}: ${say.peer.shareSentence(counts.both, counts.onlyIt, counts.onlyWe, counts.neither)} ${say.peer.piecesHelp}`}
        data-testid="share-map"
        onPointerMove={point}
        onPointerLeave={() => setPointed(undefined)}
        onKeyDown={handleKey}
      >
        {bits === undefined && <p className="quiet">{say.peer.noPieces}</p>}
        <canvas ref={canvas} className="shares-canvas" data-testid="share-canvas" />
        {pointed !== undefined && pointed < geometry.cells && (
          <ShareReadout
            cell={pointed}
            geometry={geometry}
            pieces={{ states, bits, flight, next }}
            shares={shares}
            files={files}
            pieceLength={pieceLength}
          />
        )}
      </div>
    </section>
  );
}

function ShareReadout({
  cell,
  geometry,
  pieces,
  shares,
  files,
  pieceLength,
}: {
  cell: number;
  geometry: ShareGeometry;
  pieces: Pieces;
  shares: Uint8Array;
  files: readonly FileView[];
  pieceLength: number;
}) {
  const first = cell * geometry.perCell;
  const last = Math.min(shares.length, first + geometry.perCell) - 1;
  const { x, y } = cellPlace(geometry, cell);
  const left = Math.max(0, Math.min(x, geometry.width - WIDTH));
  const share = NAMES.find((name) => SHARE[name] === shares[first]) ?? "neither";
  const marks = [
    ...(pieces.flight.has(first) ? [say.peer.inFlight] : []),
    ...(pieces.next.has(first) ? [say.peer.nextWanted] : []),
  ];
  return (
    <div
      className="life-readout"
      role="status"
      data-testid="share-readout"
      data-piece={first}
      data-share={share}
      style={{ width: WIDTH, transform: `translate(${left}px, ${y + geometry.step + 8}px)` }}
    >
      <p className="life-readout-title">{say.peer.cellOf(first, last)}</p>
      {first === last && <p>{[say.peer.shares[share], ...marks].join(" · ")}</p>}
      {files.length > 0 && <p className="quiet">{fileNames(filesOfPiece(files, first, pieceLength))}</p>}
    </div>
  );
}
