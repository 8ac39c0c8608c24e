import { useMemo, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { statesSentence } from "../../format/describe-pieces.ts";
import { countOf, formatCount, formatPercent, formatRate, NOTHING } from "../../format/units.ts";
import { capitalised, connectionWords, phaseWords, transportName } from "../../format/words.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { type PeerColumn, peerOrder } from "../../store/sorting.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Cell, Grid, type GridColumn, type RowAttributes } from "../parts/grid.tsx";
import { useSize } from "../use-size.ts";
import { Flags } from "./flags.tsx";
import { OwnStrip, PeerStrip } from "./strip.tsx";

const ROW_HEIGHT = 28;
const STRIP_HEIGHT = 14;
const OWN_STRIP_HEIGHT = 10;

/** One row a peer. */
export function PeerTable() {
  const { selectPeer, sortPeers } = useActions();
  const order = useApp(useShallow((state) => peerOrder(selectedDetails(state).peers?.values() ?? [], state.peerSort)));
  const isKnown = useApp((state) => selectedDetails(state).peers !== undefined);
  const sort = useApp((state) => state.peerSort);
  const selected = useApp((state) => state.selectedPeer);
  const stripHead = useRef<HTMLDivElement>(null);
  const { width } = useSize(stripHead);

  const columns = useMemo<readonly GridColumn<PeerColumn>[]>(
    () => [
      { id: "address", title: "Address", sort: "address" },
      { id: "client", title: "Client", sort: "client" },
      { id: "connection", title: "Via", sort: "connection" },
      { id: "flags", title: "Flags", sort: "flags" },
      { id: "progress", title: "Has", sort: "progress", isNumber: true },
      { id: "down", title: "Down", sort: "down", isNumber: true },
      { id: "up", title: "Up", sort: "up", isNumber: true },
      { id: "requests", title: "Asked", sort: "requests", isNumber: true },
      {
        id: "pieces",
        title: "Pieces",
        head: (
          <div className="strip-head" ref={stripHead}>
            <OwnPieces width={width} />
          </div>
        ),
      },
    ],
    [width],
  );

  return (
    <Grid
      label="Peers"
      testId="peer-list"
      className="peer-table"
      columns={columns}
      rows={order}
      rowHeight={ROW_HEIGHT}
      selected={selected}
      sort={sort}
      onSort={sortPeers}
      onSelect={selectPeer}
      onLeave={() => selectPeer(undefined)}
      renderRow={(id, attributes) => <PeerRow key={id} id={id} stripWidth={width} attributes={attributes} />}
      empty={isKnown ? <NobodyHere /> : "…"}
    />
  );
}

function NobodyHere() {
  const state = useApp((app) => selectedTorrent(app)?.state);
  return (
    <p>
      {state === "paused" || state === "stopped-by-fault"
        ? "Nobody is connected while the torrent is stopped."
        : "Nobody is connected yet. Peers appear here as soon as they are found, or call."}
    </p>
  );
}

function OwnPieces({ width }: { width: number }) {
  const states = useApp((state) => selectedDetails(state).pieces?.states);
  if (states === undefined || width === 0) return null;
  return (
    <OwnStrip states={states} width={width} height={OWN_STRIP_HEIGHT} label={`Our own: ${statesSentence(states)}`} />
  );
}

function PeerRow({ id, stripWidth, attributes }: { id: number; stripWidth: number; attributes: RowAttributes }) {
  const peer = useApp((state) => selectedDetails(state).peers?.get(id));
  const pieceCount = useApp((state) => selectedTorrent(state)?.pieceCount ?? 0);
  if (peer === undefined) return null;
  const address = formatEndpoint(peer);
  const letters = flagLetters(peer);
  return (
    <div
      {...attributes}
      data-testid="peer-row"
      data-peer={id}
      data-address={address}
      data-phase={peer.phase}
      data-flags={letters}
    >
      <Cell column="address" title={address}>
        <span className="ellipsis">{address}</span>
      </Cell>
      <Cell column="client" title={peer.client}>
        {peer.client === undefined ? (
          <span className="quiet ellipsis">{capitalised(phaseWords(peer.phase))}</span>
        ) : (
          <span className="ellipsis">{peer.client}</span>
        )}
      </Cell>
      <Cell column="connection" title={capitalised(connectionWords(peer))}>
        <span aria-hidden="true">{peer.direction === "incoming" ? "←" : "→"}</span> {transportName(peer.transport)}
        <span className="unseen"> {peer.direction}</span>
      </Cell>
      <Cell column="flags">
        <Flags letters={letters} />
      </Cell>
      <Cell column="progress" isNumber>
        {peer.pieces === undefined ? NOTHING : formatPercent(peer.piecesCount, pieceCount)}
      </Cell>
      <Cell column="down" isNumber>
        {formatRate(peer.downRate)}
      </Cell>
      <Cell column="up" isNumber>
        {formatRate(peer.upRate)}
      </Cell>
      <Cell
        column="requests"
        isNumber
        title={`Asked for ${countOf(peer.requestsOut, "block")}, up to ${formatCount(peer.requestWindow)} at once`}
      >
        {peer.requestsOut === 0 ? NOTHING : formatCount(peer.requestsOut)}
      </Cell>
      <Cell column="pieces">
        {stripWidth > 0 && (
          <PeerStrip
            bits={peer.pieces}
            pieceCount={pieceCount}
            width={stripWidth}
            height={STRIP_HEIGHT}
            label={`Has ${formatCount(peer.piecesCount)} of ${countOf(pieceCount, "piece")}`}
          />
        )}
      </Cell>
    </div>
  );
}
