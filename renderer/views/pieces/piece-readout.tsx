import type { PeerView, PiecesView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { Spot } from "../../canvas/geometry.ts";
import { fileNames, filesOfPiece, pieceStateName } from "../../format/describe-pieces.ts";
import { countOf, formatCount } from "../../format/units.ts";
import { capitalised, pieceStateWords } from "../../format/words.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { useApp } from "../app-context.tsx";
import type { Size } from "../use-size.ts";

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
  peerId,
}: {
  spot: Spot;
  at: Place;
  bounds: Size;
  pieces: PiecesView;
  peers: ReadonlyMap<number, PeerView>;
  peerId: number | undefined;
}) {
  const files = useApp((state) => selectedDetails(state).files);
  const pieceLength = useApp((state) => selectedTorrent(state)?.pieceLength ?? 0);
  const { piece } = spot;
  const state = pieceStateName(pieces.states[piece]);
  const owners = [...peers.values()].filter((peer) => hasPiece(peer, piece));
  const rowPeer = peerId === undefined ? undefined : peers.get(peerId);
  const named = owners.slice(0, NAMED_OWNERS).map(formatEndpoint);
  const more = owners.length - named.length;
  return (
    <div
      className="piece-tip"
      role="status"
      data-testid="piece-readout"
      data-piece={piece}
      data-state={state}
      style={tipPlace(at, bounds)}
    >
      <p className="tip-title">
        Piece {formatCount(piece)} <span className="quiet">of {formatCount(pieces.states.length)}</span>
        <span className="tip-state" data-state={state}>
          {capitalised(pieceStateWords(state))}
        </span>
      </p>
      {rowPeer !== undefined && (
        <p>
          {formatEndpoint(rowPeer)} <strong>{hasPiece(rowPeer, piece) ? "has it" : "lacks it"}</strong>
          {rowPeer.client !== undefined && <span className="quiet"> · {rowPeer.client}</span>}
        </p>
      )}
      <p>{files === undefined ? "…" : fileNames(filesOfPiece(files, piece, pieceLength))}</p>
      <p className="quiet">
        {owners.length === 0
          ? "No connected peer has it."
          : `${countOf(owners.length, "peer has it", "peers have it")}: ${named.join(", ")}${more > 0 ? ` and ${formatCount(more)} more` : ""}`}
      </p>
    </div>
  );
}

function hasPiece(peer: PeerView, piece: number): boolean {
  return ((peer.pieces?.[piece >>> 3] ?? 0) & (0x80 >>> (piece & 7))) !== 0;
}

/** Beside the pointer, on the side where there is room. */
function tipPlace({ x, y }: Place, { width, height }: Size): { transform: string } {
  const left = x + TIP_DISTANCE + TIP_WIDTH > width ? x - TIP_DISTANCE - TIP_WIDTH : x + TIP_DISTANCE;
  const top = y + TIP_DISTANCE + TIP_HEIGHT > height ? y - TIP_DISTANCE - TIP_HEIGHT : y + TIP_DISTANCE;
  return { transform: `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)` };
}
