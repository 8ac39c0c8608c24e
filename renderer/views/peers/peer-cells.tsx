import type { ReactNode } from "react";
import type { PeerView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { Timestamp } from "../../../core/model/units.ts";
import { limitWords, relevanceOf, shortSources } from "../../format/peer-cells.ts";
import { peerIdText } from "../../format/peer-facts.ts";
import { type AnyPeer, lettersOf } from "../../format/peer-filter.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatRoundTrip,
  NOTHING,
} from "../../format/units.ts";
import {
  capitalised,
  connectionWords,
  encryptionWords,
  phaseWords,
  sourceWords,
  transportName,
} from "../../format/words.ts";
import { selectedDetails } from "../../store/app-state.ts";
import type { PeerColumn } from "../../store/peer-rows.ts";
import type { FlagStyle } from "../../store/preferences.ts";
import { say } from "../../words/say.ts";
import { useApp, useNow } from "../app-context.tsx";
import { Cell, type ShapedColumn } from "../parts/grid.tsx";
import { CountryFlag } from "./country-flag.tsx";
import { Flags } from "./flags.tsx";
import { Spark } from "./spark.tsx";
import { PeerStrip } from "./strip.tsx";

const STRIP_HEIGHT = 14;

/** What rows know beside their peer. */
export interface RowContext {
  readonly pieceCount: number;
  /** CSS pixels; 0 while the column is not there. */
  readonly stripWidth: number;
}

type Shape = Omit<ShapedColumn<PeerColumn>, "title" | "sort"> & { readonly id: PeerColumn };

/** From left to right; widths in CSS pixels. The rarer ones give way first where there is little room. */
const SHAPES: readonly Shape[] = [
  { id: "country", width: 66, yields: 7 },
  { id: "address", width: 172 },
  { id: "client", width: 138, yields: 5 },
  { id: "connection", width: 70, yields: 9 },
  { id: "flags", width: 0 },
  { id: "progress", width: 64, isNumber: true },
  { id: "relevance", width: 72, isNumber: true, isHiddenAtFirst: true },
  { id: "down", width: 86, isNumber: true },
  { id: "up", width: 86, isNumber: true },
  { id: "rates", width: 104, yields: 8 },
  { id: "requests", width: 78, isNumber: true, yields: 10 },
  { id: "roundTrip", width: 88, isNumber: true, isHiddenAtFirst: true },
  { id: "payloadDown", width: 84, isNumber: true, isHiddenAtFirst: true },
  { id: "payloadUp", width: 84, isNumber: true, isHiddenAtFirst: true },
  { id: "wasted", width: 84, isNumber: true, isHiddenAtFirst: true },
  { id: "connected", width: 104, isNumber: true, isHiddenAtFirst: true },
  { id: "sources", width: 150, isHiddenAtFirst: true },
  { id: "hashFailures", width: 92, isNumber: true, isHiddenAtFirst: true },
  { id: "peerId", width: 176, isHiddenAtFirst: true },
  { id: "encryption", width: 92, isHiddenAtFirst: true },
  { id: "snubbed", width: 96, isNumber: true, isHiddenAtFirst: true },
  { id: "limits", width: 150, isHiddenAtFirst: true },
  { id: "pieces", width: 110, grows: 1 },
];

/** Room for the flags that peers commonly have. */
const FLAGS_WIDTH: Record<FlagStyle, number> = { letters: 116, icons: 128, words: 264 };

/** @param piecesHead - Our own pieces, above the peers' strips. */
export function peerColumns(piecesHead: ReactNode, flagStyle: FlagStyle): ShapedColumn<PeerColumn>[] {
  return SHAPES.map((shape) => ({
    ...shape,
    ...(shape.id === "flags" ? { width: FLAGS_WIDTH[flagStyle] } : {}),
    title: say.peers.columns[shape.id],
    // Strips are looked at, and dragged by their head.
    ...(shape.id === "pieces" ? { head: piecesHead } : { sort: shape.id }),
  }));
}

/** Cells that say something of a peer that is not connected. */
export const OFFLINE_COLUMNS: ReadonlySet<string> = new Set<PeerColumn>([
  "country",
  "address",
  "client",
  "connection",
  "sources",
]);

export function PeerCell({
  column,
  any,
  context,
}: {
  column: ShapedColumn<PeerColumn>;
  any: AnyPeer;
  context: RowContext;
}) {
  const { title, children } = contentOf(column.id as PeerColumn, any, context);
  return (
    <Cell column={column.id} isNumber={column.isNumber === true} title={title}>
      {children}
    </Cell>
  );
}

interface Content {
  readonly children: ReactNode;
  readonly title?: string | undefined;
}

function contentOf(column: PeerColumn, any: AnyPeer, context: RowContext): Content {
  const { peer } = any;
  switch (column) {
    case "country":
      return { children: peer.country === undefined ? null : <CountryFlag code={peer.country} /> };
    case "address": {
      const address = formatEndpoint(peer);
      return text(address);
    }
    case "client":
      return clientContent(any);
    case "connection":
      return any.kind === "known" ? text(NOTHING) : connectionContent(any.peer);
    case "sources":
      return any.kind === "gone"
        ? text(NOTHING)
        : { ...text(shortSources(any.peer.sources)), title: any.peer.sources.map(sourceWords).join("\n") };
    case "flags":
      return { children: <Flags letters={lettersOf(any)} /> };
    default:
      return any.kind === "live" ? liveContent(column, any.peer, context) : text(NOTHING);
  }
}

function text(words: string): Content {
  return { title: words === NOTHING ? undefined : words, children: <span className="ellipsis">{words}</span> };
}

function clientContent(any: AnyPeer): Content {
  const client = any.kind === "known" ? undefined : any.peer.client;
  if (client !== undefined) return text(client);
  const words = any.kind === "live" ? capitalised(phaseWords(any.peer.phase)) : NOTHING;
  return { children: <span className="quiet ellipsis">{words}</span> };
}

function connectionContent(peer: Pick<PeerView, "direction" | "transport">): Content {
  return {
    title: capitalised(connectionWords(peer)),
    children: (
      <>
        <span aria-hidden="true">{peer.direction === "incoming" ? "←" : "→"}</span>
        <span aria-hidden="true">{transportName(peer.transport)}</span>
        <span className="unseen">{connectionWords(peer)}</span>
      </>
    ),
  };
}

function liveContent(column: PeerColumn, peer: PeerView, { pieceCount, stripWidth }: RowContext): Content {
  switch (column) {
    case "progress":
      return { children: peer.pieces === undefined ? NOTHING : formatPercent(peer.piecesCount, pieceCount) };
    case "relevance":
      return { children: <Relevance pieces={peer.pieces} /> };
    case "down":
      return { children: formatRate(peer.downRate) };
    case "up":
      return { children: formatRate(peer.upRate) };
    case "rates":
      return { children: <Spark peer={peer.id} /> };
    case "requests":
      return {
        title: say.peers.asked(peer.requestsOut, peer.requestWindow),
        children:
          peer.requestsOut === 0 ? NOTHING : `${formatCount(peer.requestsOut)}/${formatCount(peer.requestWindow)}`,
      };
    case "roundTrip":
      return { children: peer.roundTrip === undefined ? NOTHING : formatRoundTrip(peer.roundTrip) };
    case "payloadDown":
      return { children: bytesOf(peer.payloadDown) };
    case "payloadUp":
      return { children: bytesOf(peer.payloadUp) };
    case "wasted":
      return { children: bytesOf(peer.wasted) };
    case "connected":
      return { children: <Since at={peer.connectedAt} /> };
    case "hashFailures":
      return { children: peer.hashFailures === 0 ? NOTHING : formatCount(peer.hashFailures) };
    case "peerId":
      return peerIdContent(peer.peerId);
    case "encryption":
      return { title: encryptionWords(peer.encryption), children: say.peers.encryptions[peer.encryption] };
    case "snubbed":
      return { children: <Since at={peer.snubbedSince} /> };
    case "limits":
      return text(limitWords(peer.downLimit, peer.upLimit) || NOTHING);
    case "pieces":
      return {
        children: stripWidth > 0 && (
          <PeerStrip
            bits={peer.pieces}
            pieceCount={pieceCount}
            width={stripWidth}
            height={STRIP_HEIGHT}
            label={say.peers.hasPieces(peer.piecesCount, pieceCount)}
          />
        ),
      };
    default:
      return { children: null };
  }
}

function bytesOf(bytes: number): string {
  return bytes === 0 ? NOTHING : formatBytes(bytes);
}

function peerIdContent(peerId: Uint8Array | undefined): Content {
  if (peerId === undefined) return text(NOTHING);
  const [readable = "", hex] = peerIdText(peerId).split("\n");
  return { title: hex, children: <span className="ellipsis code">{readable}</span> };
}

function Since({ at }: { at: Timestamp | undefined }) {
  return at === undefined ? NOTHING : <Elapsed at={at} />;
}

function Elapsed({ at }: { at: Timestamp }) {
  return formatDuration(Math.max(0, useNow() - at));
}

function Relevance({ pieces }: { pieces: Uint8Array | undefined }) {
  const share = useApp((state) => relevanceOf(pieces, selectedDetails(state).pieces?.states));
  if (share === undefined) return NOTHING;
  const words = formatPercent(share, 1);
  return <span title={say.peers.ofUse(words)}>{words}</span>;
}
