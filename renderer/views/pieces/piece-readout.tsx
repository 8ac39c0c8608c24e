import type { BlocksView, PeerView, PiecesView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { Spot } from "../../canvas/geometry.ts";
import { fileNames, filesOfPiece, hasPiece, pieceStateName } from "../../format/describe-pieces.ts";
import { blockRuns, runWords } from "../../format/piece-story.ts";
import { formatCount } from "../../format/units.ts";
import { capitalised, pieceStateWords } from "../../format/words.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useApp } from "../app-context.tsx";
import type { Size } from "../use-size.ts";
import { usePeerName } from "./use-peer-name.ts";

/** A point of the map, CSS pixels from its corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Names shown of those who have a piece; the number is always told. */
const NAMED_OWNERS = 6;
const TIP_WIDTH = 300;
const TIP_HEIGHT = 176;
const TIP_DISTANCE = 16;

/** Everything about the piece under the pointer or cursor: state, files, who has it, and the peer of the row. */
export function PieceReadout({
  spot,
  at,
  bounds,
  pieces,
  peers,
  blocks,
  peerId,
}: {
  spot: Spot;
  at: Place;
  bounds: Size;
  pieces: PiecesView;
  peers: ReadonlyMap<number, PeerView>;
  blocks: BlocksView | undefined;
  peerId: number | undefined;
}) {
  const files = useApp((state) => selectedDetails(state).files);
  const pieceLength = useApp((state) => selectedTorrent(state)?.pieceLength ?? 0);
  const nameOf = usePeerName();
  const { piece, block } = spot;
  const state = pieceStateName(pieces.states[piece]);
  const owners: PeerView[] = [];
  for (const peer of peers.values()) if (hasPiece(peer.pieces, piece)) owners.push(peer);
  const rowPeer = peerId === undefined ? undefined : peers.get(peerId);
  const named = owners.slice(0, NAMED_OWNERS).map(formatEndpoint).join(", ");
  const more = owners.length - NAMED_OWNERS;
  const run = block === undefined ? undefined : blockRuns(blocks, piece)?.find(({ last }) => last >= block);
  const words = say.swarm;
  return (
    <div
      className="piece-tip"
      role="status"
      data-testid="piece-readout"
      data-piece={piece}
      data-block={block}
      data-state={state}
      style={tipPlace(at, bounds)}
    >
      <p className="tip-title">
        {words.piece(formatCount(piece))}{" "}
        <span className="quiet">
          {words.of(formatCount(pieces.states.length))}
          {block !== undefined && `, ${words.block(formatCount(block))}`}
        </span>
        <span className="tip-state" data-state={state}>
          {capitalised(pieceStateWords(state))}
        </span>
      </p>
      {rowPeer !== undefined && (
        <p>
          {formatEndpoint(rowPeer)} <strong>{hasPiece(rowPeer.pieces, piece) ? words.hasIt : words.lacksIt}</strong>
          {rowPeer.client !== undefined && <span className="quiet"> · {rowPeer.client}</span>}
        </p>
      )}
      {run !== undefined && <p>{runWords({ ...run, first: block ?? 0, last: block ?? 0 }, nameOf)}</p>}
      <p>{files === undefined ? "…" : fileNames(filesOfPiece(files, piece, pieceLength))}</p>
      <p className="quiet">
        {owners.length === 0
          ? words.nobodyHas
          : words.owners(owners.length, more > 0 ? words.andMore(named, more) : named)}
      </p>
    </div>
  );
}

/** Beside the pointer, on the side where there is room. */
function tipPlace({ x, y }: Place, { width, height }: Size): { transform: string } {
  const left = x + TIP_DISTANCE + TIP_WIDTH > width ? x - TIP_DISTANCE - TIP_WIDTH : x + TIP_DISTANCE;
  const top = y + TIP_DISTANCE + TIP_HEIGHT > height ? y - TIP_DISTANCE - TIP_HEIGHT : y + TIP_DISTANCE;
  return { transform: `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)` };
}
