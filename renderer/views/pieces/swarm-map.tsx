import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from "react";
import type { PeerView, PiecesView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { contentHeight, rowTop, type Spot, type SwarmGeometry, spotAt, swarmGeometry } from "../../canvas/geometry.ts";
import type { SwarmRow } from "../../canvas/swarm-picture.ts";
import { countOf, formatPercent } from "../../format/units.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { useActions, useApp } from "../app-context.tsx";
import { usePalette } from "../use-scheme.ts";
import { usePixelRatio, useSize } from "../use-size.ts";
import { PieceReadout, type Place } from "./piece-readout.tsx";
import { useSwarmCanvas } from "./use-swarm-canvas.ts";

interface Pointed extends Spot {
  /** Of the pointer, CSS pixels from the map's corner; undefined when chosen by keys. */
  readonly pointer: Place | undefined;
}

const NO_PEERS: ReadonlyMap<number, PeerView> = new Map();
const KEYS_FAR = 10;

/** Peers × pieces on one canvas that fills the view; the rows scroll beneath the bands. */
export function SwarmMap({ pieces }: { pieces: PiecesView }) {
  const { selectPeer, showTab, showPeers } = useActions();
  const peers = useApp((state) => selectedDetails(state).peers) ?? NO_PEERS;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const ratio = usePixelRatio();
  const palette = usePalette();
  const [scrollTop, setScrollTop] = useState(0);
  const [pointed, setPointed] = useState<Pointed>();
  const pieceCount = pieces.states.length;
  const rows = useMemo(() => swarmRows(peers, pieceCount), [peers, pieceCount]);
  const geometry = useMemo(() => swarmGeometry(size.width, size.height, rows.length), [size, rows.length]);
  const canvas = useSwarmCanvas({ geometry, rows, pieces, scrollTop, ratio, palette });

  function point(event: PointerEvent): void {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined) return;
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    const spot = spotAt(geometry, at.x, at.y, scrollTop, pieceCount);
    setPointed(spot === undefined ? undefined : { ...spot, pointer: at });
  }

  function openPeer(row: number | undefined): void {
    const peer = row === undefined ? undefined : rows[row];
    if (peer === undefined) return;
    selectPeer(peer.id);
    showPeers("here");
    showTab("peers");
  }

  function handleKey(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      openPeer(pointed?.row);
      return;
    }
    const next = movedSpot(pointed, event.key, event.shiftKey ? KEYS_FAR : 1, pieceCount, rows.length);
    if (next === undefined) return;
    event.preventDefault();
    setPointed({ ...next, pointer: undefined });
    const element = scroller.current;
    if (next.row === undefined || element === null) return;
    const top = rowTop(geometry, next.row, scrollTop);
    if (top < geometry.rowsTop) element.scrollTop -= geometry.rowsTop - top;
    else if (top + geometry.rowHeight > geometry.height)
      element.scrollTop += top + geometry.rowHeight - geometry.height;
  }

  return (
    <div className="swarm">
      <div
        ref={scroller}
        className="swarm-scroller"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is walked by keys
        tabIndex={0}
        aria-label={`Heatmap of ${countOf(rows.length, "peer")} and ${countOf(pieceCount, "piece")}. Arrow keys choose a piece and a peer, Enter opens the peer.`}
        data-testid="heatmap"
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onPointerMove={point}
        onPointerLeave={() => setPointed(undefined)}
        onClick={() => openPeer(pointed?.row)}
        onKeyDown={handleKey}
      >
        <canvas ref={canvas} className="swarm-canvas" data-testid="heatmap-canvas" data-row-count={rows.length} />
        <div className="swarm-space" style={{ height: Math.max(0, contentHeight(geometry) - geometry.height) }} />
      </div>
      {pointed !== undefined && pointed.piece < pieceCount && (
        <>
          <Cross geometry={geometry} spot={pointed} scrollTop={scrollTop} pieceCount={pieceCount} />
          <PieceReadout
            spot={pointed}
            at={pointed.pointer ?? placeOf(pointed, geometry, scrollTop, pieceCount)}
            bounds={size}
            pieces={pieces}
            peers={peers}
            peerId={rows[pointed.row ?? -1]?.id}
          />
        </>
      )}
    </div>
  );
}

/** Where a spot that was chosen by keys is. */
function placeOf(spot: Spot, geometry: SwarmGeometry, scrollTop: number, pieceCount: number): Place {
  return {
    x: geometry.plotLeft + ((spot.piece + 0.5) * geometry.plotWidth) / pieceCount,
    y: spot.row === undefined ? geometry.own.top : rowTop(geometry, spot.row, scrollTop),
  };
}

/** Marks the piece's column and the peer's row. */
function Cross({
  geometry,
  spot,
  scrollTop,
  pieceCount,
}: {
  geometry: SwarmGeometry;
  spot: Spot;
  scrollTop: number;
  pieceCount: number;
}) {
  const cell = geometry.plotWidth / pieceCount;
  const left = geometry.plotLeft + spot.piece * cell;
  const bottom = Math.min(geometry.height, contentHeight(geometry) - scrollTop);
  const top = spot.row === undefined ? undefined : rowTop(geometry, spot.row, scrollTop);
  return (
    <div className="cross" aria-hidden="true">
      <div
        className="cross-column"
        style={{ transform: `translateX(${left}px)`, width: Math.max(1, cell), height: bottom }}
      />
      {top !== undefined && top >= geometry.rowsTop - geometry.rowHeight && (
        <div
          className="cross-row"
          style={{
            transform: `translate(${geometry.plotLeft}px, ${Math.max(top, geometry.rowsTop)}px)`,
            width: geometry.plotWidth,
            height: geometry.rowHeight - geometry.rowGap,
          }}
        />
      )}
    </div>
  );
}

/** Names and shares are made once a peer's view, not once a frame. */
const rowOfPeer = new WeakMap<PeerView, SwarmRow>();

function swarmRows(peers: ReadonlyMap<number, PeerView>, pieceCount: number): SwarmRow[] {
  const rows: SwarmRow[] = [];
  for (const peer of peers.values()) {
    let row = rowOfPeer.get(peer);
    if (row === undefined) {
      const share = peer.pieces === undefined ? "" : formatPercent(peer.piecesCount, pieceCount);
      row = { id: peer.id, name: formatEndpoint(peer), share, bits: peer.pieces };
      rowOfPeer.set(peer, row);
    }
    rows.push(row);
  }
  return rows.sort((a, b) => a.id - b.id);
}

function movedSpot(
  from: Spot | undefined,
  key: string,
  far: number,
  pieceCount: number,
  rowCount: number,
): Spot | undefined {
  const step = { ArrowRight: [far, 0], ArrowLeft: [-far, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  if (step === undefined) return undefined;
  if (from === undefined) return { piece: 0, part: "own", row: undefined };
  const piece = Math.min(pieceCount - 1, Math.max(0, from.piece + (step[0] ?? 0)));
  const row = Math.min(rowCount - 1, (from.row ?? -1) + (step[1] ?? 0));
  return row < 0 ? { piece, part: "own", row: undefined } : { piece, part: "row", row };
}
