import { ArrowDown, ArrowUp, Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { memo } from "react";
import type { PieceState } from "../../../core/contract/views.ts";
import { type Colour, cssColour, type Palette, rampColour, stateColour } from "../../canvas/palette.ts";
import { capitalised, pieceStateWords } from "../../format/words.ts";
import { SWARM_COLUMNS, type SwarmColumn } from "../../store/swarm-order.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import { usePalette } from "../use-scheme.ts";
import type { Lens } from "./use-lens.ts";

const ZOOM_STEP = 2;
/** Orders that are read from the largest number down. */
const FROM_THE_TOP: ReadonlySet<SwarmColumn> = new Set(["progress", "down", "up", "rarity"]);

/** The order of the rows, and how close the map is looked at. */
export function SwarmTools({ lens }: { lens: Lens }) {
  const { sortSwarm } = useActions();
  const sort = useApp((state) => state.swarmSort);
  return (
    <div className="swarm-tools" role="toolbar" aria-label={say.swarm.zoom}>
      <label className="swarm-order" title={sort.column === "rarity" ? say.swarm.rareHint : undefined}>
        <span className="quiet">{say.swarm.rows}</span>
        <select
          className="select"
          value={sort.column}
          data-testid="swarm-order"
          onChange={({ target }) => {
            const column = target.value as SwarmColumn;
            sortSwarm({ column, descending: FROM_THE_TOP.has(column) });
          }}
        >
          {SWARM_COLUMNS.map((column) => (
            <option key={column} value={column}>
              {say.swarm.columns[column]}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        icon={sort.descending ? ArrowDown : ArrowUp}
        words={sort.descending ? say.swarm.descending : say.swarm.ascending}
        data-testid="swarm-direction"
        onClick={() => sortSwarm({ ...sort, descending: !sort.descending })}
      />
      <span className="tools-rule" />
      <IconButton
        icon={ZoomOut}
        words={`${say.swarm.zoomOut} (−)`}
        disabled={lens.view.scale === 1}
        data-testid="swarm-zoom-out"
        onClick={() => lens.zoomBy(1 / ZOOM_STEP)}
      />
      <IconButton
        icon={ZoomIn}
        words={`${say.swarm.zoomIn} (+), ${say.swarm.blockLevel}`}
        data-testid="swarm-zoom-in"
        onClick={() => lens.zoomBy(ZOOM_STEP)}
      />
      <IconButton
        icon={Maximize2}
        words={`${say.swarm.showAll} (0)`}
        disabled={lens.view.scale === 1 && lens.rowScale === 1}
        data-testid="swarm-whole"
        onClick={lens.showWhole}
      />
    </div>
  );
}

const FIRST: readonly PieceState[] = ["verified", "missing"];
const SELDOM: readonly PieceState[] = ["writing", "failed", "unwanted"];

/** What the colours mean, one line of it: what is seen most comes first. */
export const Legend = memo(function Legend() {
  const palette = usePalette();
  const { asked, shared, received } = say.swarm.blockStates;
  const ofState = (state: PieceState) => (
    <Swatch key={state} colour={stateColour(palette, state)} words={capitalised(pieceStateWords(state))} />
  );
  return (
    <ul className="legend" aria-label={say.swarm.legend} data-testid="pieces-legend">
      {FIRST.map(ofState)}
      <Swatch colour={palette.states.requested} words={asked} />
      <Swatch colour={palette.shared} words={shared} />
      <Swatch colour={palette.received} words={received} />
      {SELDOM.map(ofState)}
      <li>
        <span className="swatch-ramp" style={{ backgroundImage: gradient(palette.ramp) }} />
        {say.swarm.hasNoneToAll}
      </li>
      <li>
        <span className="swatch-ramp" style={{ backgroundImage: gradient(palette.rarity) }} />
        {say.swarm.rarity}
      </li>
    </ul>
  );
});

function Swatch({ colour, words }: { colour: Colour; words: string }) {
  return (
    <li>
      <span className="swatch" style={{ backgroundColor: cssColour(colour) }} />
      {words}
    </li>
  );
}

function gradient(ramp: Palette["ramp"]): string {
  const stops = ramp.map((_, index) => cssColour(rampColour(ramp, index / (ramp.length - 1))));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
