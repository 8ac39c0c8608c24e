import { useCallback, useEffect, useMemo, useState } from "react";
import type { GonePeer } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { formatBytes, formatClock, formatDuration, formatMoment, NOTHING } from "../../format/units.ts";
import { capitalised, closerWords, connectionWords, reasonWords } from "../../format/words.ts";
import { fits, GONE_COLUMNS, type GoneChoice, type GoneColumn, goneOrder } from "../../store/gone.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { GoneButtons } from "../gone/gone-buttons.tsx";
import { GoneChart } from "../gone/gone-chart.tsx";
import { GoneDetails } from "../gone/gone-details.tsx";
import { ArrangedGrid, Cell, cellsInOrder, type RowAttributes, type ShapedColumn } from "../parts/grid.tsx";
import { useTableSort } from "../parts/use-table-sort.ts";
import { Flags } from "./flags.tsx";

const ROW_HEIGHT = 46;

function columns(isOfTorrent: boolean): readonly ShapedColumn<GoneColumn>[] {
  const { gone } = say;
  return [
    { id: "when", title: gone.when, sort: "when", width: 72 },
    { id: "address", title: gone.address, sort: "address", width: 176 },
    { id: "reason", title: gone.why, sort: "reason", width: 180, grows: 1 },
    { id: "by", title: gone.by, sort: "by", width: 92, yields: 2 },
    { id: "flags", title: gone.flags, sort: "flags", width: 108 },
    { id: "down", title: gone.got, sort: "down", width: 72, isNumber: true },
    { id: "up", title: gone.gave, sort: "up", width: 72, yields: 3, isNumber: true },
    { id: "stay", title: gone.stayed, sort: "stay", width: 80, yields: 4, isNumber: true },
    ...(isOfTorrent ? [{ id: "act", title: gone.act, width: 96 }] : []),
  ];
}

/**
 * Who left, newest first, and why; counted by reason, client and source.
 *
 * @param isOfTorrent - They were about the chosen torrent: something can be done about them.
 */
export function GoneTable({
  peers,
  label,
  empty,
  isOfTorrent = false,
}: {
  peers: readonly GonePeer[];
  label: string;
  empty: string;
  isOfTorrent?: boolean;
}) {
  const [selected, select] = useState<string>();
  const [choice, choose] = useState<GoneChoice>({});
  const [sort, onSort] = useTableSort("gone", GONE_COLUMNS);
  const byKey = useMemo(() => {
    const shown = goneOrder(peers, sort).filter((peer) => fits(peer, choice));
    return new Map(shown.map((peer) => [`${peer.peer}-${peer.at}`, peer]));
  }, [peers, sort, choice]);
  const rows = useMemo(() => [...byKey.keys()], [byKey]);
  const shapes = useMemo(() => columns(isOfTorrent), [isOfTorrent]);
  const renderRow = useCallback(
    (key: string, attributes: RowAttributes, shown: typeof shapes) => (
      <GoneRow peer={byKey.get(key)} attributes={attributes} shown={shown} />
    ),
    [byKey],
  );
  useBans();
  const peer = selected === undefined ? undefined : byKey.get(selected);
  return (
    <div className="gone">
      {peers.length > 0 && <GoneChart peers={peers} choice={choice} onChoose={choose} />}
      <div className="gone-main">
        <ArrangedGrid
          table="gone"
          label={label}
          testId="gone-list"
          className="gone-table"
          columns={shapes}
          rows={rows}
          rowHeight={ROW_HEIGHT}
          selected={selected}
          onSelect={select}
          onLeave={() => select(undefined)}
          sort={sort}
          onSort={onSort}
          renderRow={renderRow}
          empty={<p>{peers.length > 0 ? say.gone.noneFits : empty}</p>}
        />
        {peer !== undefined && <GoneDetails peer={peer} isOfTorrent={isOfTorrent} onClose={() => select(undefined)} />}
      </div>
    </div>
  );
}

/** As they are: which of those who are gone may come again. */
function useBans(): void {
  const { loadBans } = useActions();
  const changes = useApp((state) => state.engine.session?.banChanges);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is a reason to ask again
  useEffect(() => void loadBans(), [loadBans, changes]);
}

function GoneRow({
  peer,
  attributes,
  shown,
}: {
  peer: GonePeer | undefined;
  attributes: RowAttributes;
  shown: readonly ShapedColumn<GoneColumn>[];
}) {
  if (peer === undefined) return null;
  const address = formatEndpoint(peer);
  return (
    <div
      {...attributes}
      data-testid="gone-row"
      data-peer={peer.peer}
      data-address={address}
      data-reason={peer.reason}
      data-code={peer.code}
    >
      {cellsInOrder(shown, {
        when: (
          <Cell column="when" title={formatMoment(peer.at)}>
            {formatClock(peer.at)}
          </Cell>
        ),
        address: (
          <Cell column="address" title={`${address}, ${connectionWords(peer)}`}>
            <span className="two-lines">
              <span className="ellipsis">{address}</span>
              <span className="ellipsis quiet">{peer.client ?? capitalised(connectionWords(peer))}</span>
            </span>
          </Cell>
        ),
        reason: (
          <Cell column="reason" title={`${reasonWords(peer.reason)}: ${peer.detail}`}>
            <span className="two-lines">
              <span className="reason">
                <span className="ellipsis">{reasonWords(peer.reason)}</span>
                <code className="reason-code">{peer.code}</code>
                <code className="reason-code">{peer.reason}</code>
              </span>
              <span className="ellipsis quiet">{peer.detail}</span>
            </span>
          </Cell>
        ),
        by: <Cell column="by">{capitalised(closerWords(peer.by))}</Cell>,
        flags: (
          <Cell column="flags">
            <Flags letters={peer.flags} />
          </Cell>
        ),
        down: (
          <Cell column="down" isNumber>
            {peer.payloadDown === 0 ? NOTHING : formatBytes(peer.payloadDown)}
          </Cell>
        ),
        up: (
          <Cell column="up" isNumber>
            {peer.payloadUp === 0 ? NOTHING : formatBytes(peer.payloadUp)}
          </Cell>
        ),
        stay: (
          <Cell column="stay" isNumber>
            {peer.connectedAt === undefined ? NOTHING : formatDuration(peer.at - peer.connectedAt)}
          </Cell>
        ),
        act: (
          <Cell column="act">
            <GoneButtons peer={peer} isInRow />
          </Cell>
        ),
      })}
    </div>
  );
}
