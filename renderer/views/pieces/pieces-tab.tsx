import type { PieceState } from "../../../core/contract/views.ts";
import { cssColour, type Palette, rampColour, stateColour } from "../../canvas/palette.ts";
import { availabilitySentence, statesSentence } from "../../format/describe-pieces.ts";
import { capitalised, pieceStateWords } from "../../format/words.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { useApp } from "../app-context.tsx";
import { MetadataMissing } from "../metadata-notes.tsx";
import { usePalette } from "../use-scheme.ts";
import { SwarmMap } from "./swarm-map.tsx";

const LEGEND: readonly PieceState[] = ["missing", "requested", "writing", "verified", "failed", "unwanted"];

/** The whole swarm at a glance: who has which piece, and what we do about it. */
export function PiecesTab() {
  const pieces = useApp((state) => selectedDetails(state).pieces);
  if (pieces === undefined || pieces.states.length === 0) return <MetadataMissing of="pieces" />;
  return (
    <div className="pieces">
      <div className="tab-tools pieces-tools">
        <p className="pieces-words" data-testid="pieces-summary">
          {statesSentence(pieces.states)} {availabilitySentence(pieces.availability)}
        </p>
        <Legend />
      </div>
      <SwarmMap pieces={pieces} />
    </div>
  );
}

function Legend() {
  const palette = usePalette();
  return (
    <ul className="legend" aria-label="Legend" data-testid="pieces-legend">
      {LEGEND.map((state) => (
        <li key={state}>
          <span
            className="swatch"
            data-state={state}
            style={{ backgroundColor: cssColour(stateColour(palette, state)) }}
          />
          {capitalised(pieceStateWords(state))}
        </li>
      ))}
      <li>
        <span className="swatch-ramp" style={{ backgroundImage: rampGradient(palette) }} />
        Peer has none … all
      </li>
    </ul>
  );
}

function rampGradient(palette: Palette): string {
  const stops = palette.ramp.map((_, index) => cssColour(rampColour(palette.ramp, index / (palette.ramp.length - 1))));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
