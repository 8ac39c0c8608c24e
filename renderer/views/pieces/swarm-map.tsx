import { type KeyboardEvent, type PointerEvent, type RefObject, useMemo, useState } from "react";
import type { BlocksView, PeerView, PiecesView } from "../../../core/contract/views.ts";
import { flightOf, NO_FLIGHT } from "../../canvas/flight.ts";
import {
  type Cut,
  contentHeight,
  hasBlocks,
  type Range,
  rowAt,
  rowTop,
  type Spot,
  spotAt,
  swarmGeometry,
} from "../../canvas/geometry.ts";
import { windowOf } from "../../canvas/viewport.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { usePalette } from "../use-scheme.ts";
import { type Size, usePixelRatio } from "../use-size.ts";
import { Cross, placeOf } from "./cross.tsx";
import { Minimap } from "./minimap.tsx";
import { PieceReadout, type Place } from "./piece-readout.tsx";
import { useGestures } from "./use-gestures.ts";
import type { Lens } from "./use-lens.ts";
import { useRows } from "./use-rows.ts";
import { useSwarmCanvas } from "./use-swarm-canvas.ts";

/** Where the pointer is, CSS pixels from the map's corner; or what was chosen by keys, which moves with the picture. */
type Aim = { readonly by: "pointer"; readonly at: Place } | { readonly by: "keys"; readonly spot: Spot };

const NO_PEERS: ReadonlyMap<number, PeerView> = new Map();
const KEYS_FAR = 10;
const KEY_ZOOM = 1.6;

/** Peers × pieces on one canvas that fills the view; the rows scroll beneath the bands. */
export function SwarmMap({
  scroller,
  size,
  pieces,
  cut,
  lens,
}: {
  scroller: RefObject<HTMLDivElement | null>;
  /** Of the scroller. */
  size: Size;
  pieces: PiecesView;
  cut: Cut;
  lens: Lens;
}) {
  const { pin } = useActions();
  const peers = useApp((state) => selectedDetails(state).peers) ?? NO_PEERS;
  const blocks = useApp((state) => selectedDetails(state).blocks);
  const sort = useApp((state) => state.swarmSort);
  const pinned = useApp((state) => state.pinned);
  const ratio = usePixelRatio();
  const palette = usePalette();
  const [scrollTop, setScrollTop] = useState(0);
  const [aim, setAim] = useState<Aim>();
  const rows = useRows(peers, sort, pieces, aim !== undefined);
  const geometry = useMemo(
    () => swarmGeometry(size.width, size.height, rows.length, lens.rowScale),
    [size, rows.length, lens.rowScale],
  );
  const window = useMemo(
    () => windowOf(lens.view, Math.round(geometry.plotWidth * ratio)),
    [lens.view, geometry.plotWidth, ratio],
  );
  const flight = useFlight(blocks, cut);
  const picture = useMemo(
    () => ({ geometry, window, cut, rows, pieces, blocks, flight, scrollTop, ratio, palette }),
    [geometry, window, cut, rows, pieces, blocks, flight, scrollTop, ratio, palette],
  );
  const canvas = useSwarmCanvas(picture);
  const { wasDragged } = useGestures(scroller, geometry, lens);
  const place = { geometry, window, ratio, cut, scrollTop };

  function placeIn(event: PointerEvent | React.MouseEvent): Place {
    const box = scroller.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  const under = (at: Place) => spotAt(geometry, at.x, at.y, scrollTop, window, ratio, cut);
  const pointed = aim?.by === "pointer" ? under(aim.at) : aim?.spot;

  function click(event: React.MouseEvent): void {
    if (wasDragged()) return;
    const at = placeIn(event);
    const spot = under(at);
    const row = rowAt(geometry, at.y, scrollTop);
    if (spot !== undefined) pin({ kind: "piece", piece: spot.piece });
    else if (row !== undefined && at.x < geometry.plotLeft) pinRow(row);
  }

  function pinRow(row: number): void {
    const peer = rows[row];
    if (peer !== undefined) pin({ kind: "peer", peer: peer.id });
  }

  function handleKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") zoomByKey(KEY_ZOOM);
    else if (event.key === "-" || event.key === "_") zoomByKey(1 / KEY_ZOOM);
    else if (event.key === "0") lens.showWhole();
    else if (event.key === "n" || event.key === "p") chooseUnderWay(event.key === "n");
    else if (event.key === "Escape") {
      if (pinned === undefined && aim === undefined) return;
      pin(undefined);
      setAim(undefined);
    } else if (event.key === "Enter" && pointed !== undefined) {
      if (event.shiftKey && pointed.row !== undefined) pinRow(pointed.row);
      else pin({ kind: "piece", piece: pointed.piece });
    } else {
      const far = event.shiftKey ? KEYS_FAR : 1;
      const next = movedSpot(pointed, event.key, far, cut, rows.length, hasBlocks(window, cut));
      if (next === undefined) return;
      choose(next);
    }
    event.preventDefault();
  }

  /** The next piece that is being downloaded, or the one before, round and round. */
  function chooseUnderWay(isForwards: boolean): void {
    const from = pointed?.piece ?? -1;
    const all = [...(blocks?.pieces.keys() ?? [])].sort((a, b) => (isForwards ? a - b : b - a));
    const piece = all.find((one) => (isForwards ? one > from : one < from)) ?? all[0];
    if (piece !== undefined) choose({ piece, block: undefined, part: "own", row: undefined });
  }

  /** What is chosen stays in sight. */
  function zoomByKey(factor: number): void {
    lens.zoomBy(
      factor,
      pointed === undefined ? 0.5 : (placeOf(pointed, place).x - geometry.plotLeft) / geometry.plotWidth,
    );
    if (pointed !== undefined) lens.reveal(shareOf(pointed, cut));
  }

  function choose(next: Spot): void {
    setAim({ by: "keys", spot: next });
    lens.reveal(shareOf(next, cut));
    const element = scroller.current;
    if (next.row === undefined || element === null) return;
    const top = rowTop(geometry, next.row, scrollTop);
    if (top < geometry.rowsTop) element.scrollTop -= geometry.rowsTop - top;
    else if (top + geometry.rowHeight > geometry.height)
      element.scrollTop += top + geometry.rowHeight - geometry.height;
  }

  // The panel beside the map says all of it, and the readout would lie over the piece.
  const isTold = aim?.by === "keys" && pinned?.kind === "piece" && pinned.piece === aim.spot.piece;
  const pinnedRow = pinned?.kind === "peer" ? rows.findIndex(({ id }) => id === pinned.peer) : -1;
  return (
    <div className="swarm">
      <div
        ref={scroller}
        className="swarm-scroller"
        id="swarm-map"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is walked by keys
        tabIndex={0}
        aria-label={`${say.swarm.map(rows.length, cut.pieceCount)}. ${say.swarm.keys}`}
        data-testid="heatmap"
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onPointerMove={(event) => setAim({ by: "pointer", at: placeIn(event) })}
        onPointerLeave={() => setAim(undefined)}
        onClick={click}
        onKeyDown={handleKey}
      >
        <canvas ref={canvas} className="swarm-canvas" data-testid="heatmap-canvas" data-row-count={rows.length} />
        <div className="swarm-space" style={{ height: Math.max(0, contentHeight(geometry) - geometry.height) }} />
      </div>
      {pinned?.kind === "piece" && pinned.piece < cut.pieceCount && (
        <Cross place={place} piece={pinned.piece} block={undefined} row={undefined} isPinned />
      )}
      {pinnedRow >= 0 && <Cross place={place} piece={undefined} block={undefined} row={pinnedRow} isPinned />}
      {pointed !== undefined && pointed.piece < cut.pieceCount && (
        <>
          <Cross
            place={place}
            piece={isTold && pointed.block === undefined ? undefined : pointed.piece}
            block={pointed.block}
            row={pointed.row}
            isPinned={false}
          />
          {!isTold && (
            <PieceReadout
              spot={pointed}
              at={aim?.by === "pointer" ? aim.at : placeOf(pointed, place)}
              bounds={size}
              pieces={pieces}
              peers={peers}
              blocks={blocks}
              peerId={rows[pointed.row ?? -1]?.id}
            />
          )}
        </>
      )}
      <Minimap pieces={pieces} lens={lens} geometry={geometry} palette={palette} ratio={ratio} />
    </div>
  );
}

/** Where a piece or block is, as shares of the torrent. */
function shareOf({ piece, block }: Spot, { pieceCount, blocksPerPiece }: Cut): Range {
  const units = pieceCount * blocksPerPiece;
  const unit = piece * blocksPerPiece + (block ?? 0);
  return { first: unit / units, end: (unit + (block === undefined ? blocksPerPiece : 1)) / units };
}

function useFlight(blocks: BlocksView | undefined, cut: Cut) {
  return useMemo(() => (blocks === undefined ? NO_FLIGHT : flightOf(blocks, cut.blocksPerPiece)), [blocks, cut]);
}

function movedSpot(
  from: Spot | undefined,
  key: string,
  far: number,
  { pieceCount, blocksPerPiece }: Cut,
  rowCount: number,
  byBlocks: boolean,
): Spot | undefined {
  const step = { ArrowRight: [far, 0], ArrowLeft: [-far, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  const ends = { Home: 0, End: pieceCount - 1 }[key];
  if (step === undefined && ends === undefined) return undefined;
  const start: Spot = from ?? { piece: 0, block: undefined, part: "own", row: undefined };
  if (from === undefined && step !== undefined) return start;
  const [across, down] = step ?? [0, 0];
  const perPiece = byBlocks ? blocksPerPiece : 1;
  const unit = start.piece * perPiece + (byBlocks ? (start.block ?? 0) : 0) + (across ?? 0);
  const limited = Math.min(pieceCount * perPiece - 1, Math.max(0, unit));
  const piece = ends ?? Math.floor(limited / perPiece);
  const block = byBlocks ? (ends === undefined ? limited % perPiece : 0) : undefined;
  const row = Math.min(rowCount - 1, (start.row ?? -1) + (down ?? 0));
  return row < 0 ? { piece, block, part: "own", row: undefined } : { piece, block, part: "row", row };
}
