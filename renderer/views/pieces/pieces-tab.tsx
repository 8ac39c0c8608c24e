import { memo, useMemo, useRef } from "react";
import type { PiecesView } from "../../../core/contract/views.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { closestScale } from "../../canvas/viewport.ts";
import { availabilitySentence, statesSentence } from "../../format/describe-pieces.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { useApp } from "../app-context.tsx";
import { MetadataMissing } from "../metadata-notes.tsx";
import { useSize } from "../use-size.ts";
import { Histogram } from "./histogram.tsx";
import { PeerPin } from "./peer-pin.tsx";
import { PiecePanel } from "./piece-panel.tsx";
import { SwarmMap } from "./swarm-map.tsx";
import { Legend, SwarmTools } from "./swarm-tools.tsx";
import { useLens } from "./use-lens.ts";

/** The whole swarm at a glance: who has which piece, and what we do about it. */
export function PiecesTab() {
  const pieces = useApp((state) => selectedDetails(state).pieces);
  if (pieces === undefined || pieces.states.length === 0) return <MetadataMissing of="pieces" />;
  return <Swarm pieces={pieces} />;
}

function Swarm({ pieces }: { pieces: PiecesView }) {
  const pieceLength = useApp((state) => selectedTorrent(state)?.pieceLength ?? BLOCK_LENGTH);
  const pieceCount = pieces.states.length;
  const cut = useMemo(
    () => ({ pieceCount, blocksPerPiece: Math.ceil(pieceLength / BLOCK_LENGTH) }),
    [pieceCount, pieceLength],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const lens = useLens(closestScale(cut.pieceCount * cut.blocksPerPiece, size.width));
  return (
    <div className="pieces">
      <div className="tab-tools pieces-tools">
        <div className="pieces-line">
          <Summary pieces={pieces} />
          <SwarmTools lens={lens} />
        </div>
        <Legend />
      </div>
      <div className="swarm-stage">
        <SwarmMap scroller={scroller} size={size} pieces={pieces} cut={cut} lens={lens} />
        <Side pieces={pieces} />
      </div>
    </div>
  );
}

/** The map in words. Made anew when the pieces change, not whenever the map is moved. */
const Summary = memo(function Summary({ pieces }: { pieces: PiecesView }) {
  return (
    <p className="pieces-words" data-testid="pieces-summary">
      {statesSentence(pieces.states)} {availabilitySentence(pieces.availability)}
    </p>
  );
});

/** Beside the map: what is pinned, or else the histogram. */
const Side = memo(function Side({ pieces }: { pieces: PiecesView }) {
  const pinned = useApp((state) => state.pinned);
  return (
    <aside className="swarm-side" data-pinned={pinned?.kind}>
      {pinned?.kind === "piece" ? (
        <PiecePanel piece={pinned.piece} pieces={pieces} />
      ) : pinned?.kind === "peer" ? (
        <PeerPin id={pinned.peer} pieces={pieces} />
      ) : (
        <Histogram pieces={pieces} />
      )}
    </aside>
  );
});
