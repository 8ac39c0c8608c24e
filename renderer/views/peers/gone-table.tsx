import { useMemo, useState } from "react";
import type { GonePeer } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { formatBytes, formatClock, formatDuration, formatMoment, NOTHING } from "../../format/units.ts";
import { capitalised, closerWords, connectionWords, reasonWords } from "../../format/words.ts";
import { Cell, Grid, type GridColumn, type RowAttributes } from "../parts/grid.tsx";
import { Flags } from "./flags.tsx";

const COLUMNS: readonly GridColumn<never>[] = [
  { id: "when", title: "When" },
  { id: "address", title: "Address" },
  { id: "reason", title: "Why" },
  { id: "by", title: "Who decided" },
  { id: "flags", title: "Last flags" },
  { id: "down", title: "Got", isNumber: true },
  { id: "up", title: "Gave", isNumber: true },
  { id: "stay", title: "Stayed", isNumber: true },
];

const ROW_HEIGHT = 46;

/** Who left, newest first, and why. */
export function GoneTable({ peers, label, empty }: { peers: readonly GonePeer[]; label: string; empty: string }) {
  const [selected, select] = useState<string>();
  const byKey = useMemo(() => new Map(peers.toReversed().map((peer) => [`${peer.peer}-${peer.at}`, peer])), [peers]);
  const rows = useMemo(() => [...byKey.keys()], [byKey]);
  return (
    <Grid
      label={label}
      testId="gone-list"
      className="gone-table"
      columns={COLUMNS}
      rows={rows}
      rowHeight={ROW_HEIGHT}
      selected={selected}
      onSelect={select}
      renderRow={(key, attributes) => <GoneRow key={key} peer={byKey.get(key)} attributes={attributes} />}
      empty={<p>{empty}</p>}
    />
  );
}

function GoneRow({ peer, attributes }: { peer: GonePeer | undefined; attributes: RowAttributes }) {
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
      <Cell column="when" title={formatMoment(peer.at)}>
        {formatClock(peer.at)}
      </Cell>
      <Cell column="address" title={`${address}, ${connectionWords(peer)}`}>
        <span className="two-lines">
          <span className="ellipsis">{address}</span>
          <span className="ellipsis quiet">{peer.client ?? capitalised(connectionWords(peer))}</span>
        </span>
      </Cell>
      <Cell column="reason" title={`${reasonWords(peer.reason)}: ${peer.detail}`}>
        <span className="two-lines">
          <span className="reason">
            <span className="ellipsis">{reasonWords(peer.reason)}</span>
            <code className="reason-code">
              <span className="reason-name">{peer.reason} </span>
              {peer.code}
            </code>
          </span>
          <span className="ellipsis quiet">{peer.detail}</span>
        </span>
      </Cell>
      <Cell column="by">{capitalised(closerWords(peer.by))}</Cell>
      <Cell column="flags">
        <Flags letters={peer.flags} />
      </Cell>
      <Cell column="down" isNumber>
        {peer.payloadDown === 0 ? NOTHING : formatBytes(peer.payloadDown)}
      </Cell>
      <Cell column="up" isNumber>
        {peer.payloadUp === 0 ? NOTHING : formatBytes(peer.payloadUp)}
      </Cell>
      <Cell column="stay" isNumber>
        {peer.connectedAt === undefined ? NOTHING : formatDuration(peer.at - peer.connectedAt)}
      </Cell>
    </div>
  );
}
