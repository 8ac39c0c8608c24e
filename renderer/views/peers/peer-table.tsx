import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { statesSentence } from "../../format/describe-pieces.ts";
import type { AnyPeer, PeerFilter, PeerGroup } from "../../format/peer-filter.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import {
  anyPeer,
  groupOfKey,
  PEER_COLUMNS,
  type PeersLook,
  peerKey,
  peerOfKey,
  peerRowsMaker,
} from "../../store/peer-rows.ts";
import { NOTHING_CHOSEN, type Selection } from "../../store/selection.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useGetState } from "../app-context.tsx";
import { ArrangedGrid, type RowAttributes } from "../parts/grid.tsx";
import type { MenuPlace } from "../parts/menu.tsx";
import { useTableSort } from "../parts/use-table-sort.ts";
import { useSize } from "../use-size.ts";
import { peerColumns, type RowContext } from "./peer-cells.tsx";
import { PeerMenu, type PeerMenuHooks } from "./peer-menu.tsx";
import { GroupRow, PeerRow } from "./peer-row.tsx";
import { OwnStrip } from "./strip.tsx";
import { useConnect } from "./use-connect.ts";

const ROW_HEIGHT = 28;
const OWN_STRIP_HEIGHT = 10;

/** Everybody that is known of a torrent's swarm, by where they are: one row a peer. */
export function PeerTable({ filter, onRecord }: { filter: PeerFilter } & PeerMenuHooks) {
  const { openPeer, selectPeer } = useActions();
  const [sort, onSort] = useTableSort("peers", PEER_COLUMNS);
  const [stripWidth, setStripWidth] = useState(0);
  const [menu, setMenu] = useState<MenuPlace>();
  const [closed, fold] = useFolded();
  const pieceCount = useApp((state) => selectedTorrent(state)?.pieceCount ?? 0);
  const isKnown = useApp((state) => selectedDetails(state).peers !== undefined);
  const rows = usePeerRows({ sort, filter, closed, pieceCount });
  const [selection, choose] = useSelection();
  const connect = useConnect();
  const grid = useRef<HTMLDivElement>(null);

  const flagStyle = useApp((state) => state.preferences.flagStyle);
  const columns = useMemo(() => peerColumns(<OwnPieces onWidth={setStripWidth} />, flagStyle), [flagStyle]);
  const context = useMemo<RowContext>(() => ({ pieceCount, stripWidth }), [pieceCount, stripWidth]);
  const renderRow = useCallback(
    (key: string, attributes: RowAttributes, visible: readonly (typeof columns)[number][]) => {
      const group = groupOfKey(key);
      if (group === undefined) {
        return (
          <PeerRow
            peerKey={key}
            attributes={attributes}
            columns={visible}
            context={context}
            onConnect={(any: AnyPeer) => connect([any])}
          />
        );
      }
      return (
        <GroupRow
          group={group}
          counts={rows.groups[group]}
          isFolded={closed.has(group)}
          columns={visible.length}
          attributes={attributes}
          onFold={() => fold(group, !closed.has(group))}
        />
      );
    },
    [context, rows.groups, closed, fold, connect],
  );

  const details = useGetState();
  function open(key: string): void {
    const group = groupOfKey(key);
    const any = anyPeer(selectedDetails(details()), key);
    if (any !== undefined && any.kind !== "live") connect([any]);
    else if (any !== undefined) openPeer(any.peer.id);
    else if (group !== undefined) fold(group, !closed.has(group));
  }

  return (
    <div className="fill" ref={grid}>
      <ArrangedGrid
        table="peers"
        label={say.peers.peers}
        testId="peer-list"
        className="peer-table"
        columns={columns}
        rows={rows.keys}
        rowHeight={ROW_HEIGHT}
        sort={sort}
        onSort={onSort}
        selection={selection}
        onSelection={choose}
        isGroup={(key) => groupOfKey(key) !== undefined}
        onFold={(key, isOpen) => fold(groupOfKey(key) as PeerGroup, !isOpen)}
        onToggle={open}
        onOpen={(key) => groupOfKey(key) === undefined && open(key)}
        onMenu={setMenu}
        onLeave={() => {
          choose(NOTHING_CHOSEN);
          selectPeer(undefined);
        }}
        renderRow={renderRow}
        empty={isKnown ? <NobodyHere /> : "…"}
      />
      {menu !== undefined && (
        <PeerMenu
          at={menu}
          keys={selection.keys}
          onRecord={onRecord}
          onClose={() => setMenu(undefined)}
          focusAfter={() => grid.current?.querySelector<HTMLElement>(".grid") ?? null}
        />
      )}
    </div>
  );
}

function usePeerRows(look: PeersLook) {
  const [make] = useState(peerRowsMaker);
  return useApp((state) => make(selectedDetails(state), look));
}

/** What is chosen; the one that keys move from is also the one whose panel is open, and the other way round. */
function useSelection(): [Selection<string>, (selection: Selection<string>) => void] {
  const { selectPeer } = useActions();
  const selectedPeer = useApp((state) => state.selectedPeer);
  const [selection, setSelection] = useState<Selection<string>>(NOTHING_CHOSEN);
  useEffect(() => {
    if (selectedPeer === undefined) return;
    const key = peerKey(selectedPeer);
    setSelection((now) => (now.active === key ? now : { keys: new Set([key]), active: key, anchor: key }));
  }, [selectedPeer]);
  const choose = useCallback(
    (next: Selection<string>) => {
      setSelection(next);
      selectPeer(peerOfKey(next.active));
    },
    [selectPeer],
  );
  return [selection, choose];
}

function useFolded(): [ReadonlySet<PeerGroup>, (group: PeerGroup, isFolded: boolean) => void] {
  const { prefer } = useActions();
  const folded = useApp((state) => state.preferences.foldedPeers);
  const closed = useMemo(() => new Set(folded), [folded]);
  const fold = useCallback(
    (group: PeerGroup, isFolded: boolean) => {
      const others = folded.filter((other) => other !== group);
      prefer({ foldedPeers: isFolded ? [...others, group] : others });
    },
    [folded, prefer],
  );
  return [closed, fold];
}

function NobodyHere() {
  const state = useApp((app) => selectedTorrent(app)?.state);
  return <p>{state === "paused" || state === "stopped-by-fault" ? say.peers.stopped : say.peers.nobody}</p>;
}

/** Our own pieces over the peers' strips; tells how wide those are. */
function OwnPieces({ onWidth }: { onWidth: (width: number) => void }) {
  const head = useRef<HTMLDivElement>(null);
  const { width } = useSize(head);
  useEffect(() => {
    onWidth(width);
    return () => onWidth(0);
  }, [width, onWidth]);
  const states = useApp((state) => selectedDetails(state).pieces?.states);
  return (
    <div className="strip-head" ref={head}>
      {states !== undefined && width > 0 && (
        <OwnStrip
          states={states}
          width={width}
          height={OWN_STRIP_HEIGHT}
          label={say.peers.ownPieces(statesSentence(states))}
        />
      )}
    </div>
  );
}
