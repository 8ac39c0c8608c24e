import { useMemo } from "react";
import type { PiecesView } from "../../../core/contract/views.ts";
import { type ReplicationBar, replication } from "../../format/replication.ts";
import { formatCount } from "../../format/units.ts";
import { say } from "../../words/say.ts";

/** How many pieces exist how often. */
export function Histogram({ pieces }: { pieces: PiecesView }) {
  const bars = useMemo(() => replication(pieces), [pieces]);
  const most = Math.max(1, ...bars.map((bar) => bar.pieces));
  return (
    <section className="histogram" aria-labelledby="histogram-title" data-testid="histogram">
      <h2 id="histogram-title">{say.swarm.histogram}</h2>
      <p className="quiet">{say.swarm.histogramHint}</p>
      <ul className="bars">
        {bars.map((bar) => (
          <Bar key={bar.from} bar={bar} most={most} />
        ))}
      </ul>
      <ul className="legend bars-legend" aria-hidden="true">
        <li>
          <span className="swatch bar-have" />
          {say.swarm.verifiedHere}
        </li>
        <li>
          <span className="swatch bar-lack" />
          {say.swarm.missingHere}
        </li>
      </ul>
      <p className="quiet pin-hint">{say.swarm.pinHint}</p>
    </section>
  );
}

function Bar({ bar, most }: { bar: ReplicationBar; most: number }) {
  const { from, to, pieces, lacked } = bar;
  const copies =
    to === 0
      ? say.swarm.nowhere
      : to >= 255
        ? say.swarm.orMore(formatCount(from))
        : say.swarm.copies(formatCount(from), formatCount(to));
  // What is there at all is seen.
  const width = (count: number) => (count === 0 ? "0" : `max(2px, ${(100 * count) / most}%)`);
  return (
    <li
      className="bar"
      data-testid="histogram-bar"
      data-from={from}
      data-to={to}
      data-pieces={pieces}
      data-lacked={lacked}
      title={say.swarm.barWords(pieces, copies, lacked)}
    >
      <span className="bar-name" data-nowhere={to === 0 && pieces > 0}>
        {copies}
      </span>
      <span className="bar-track" aria-hidden="true">
        <span className="bar-have" style={{ width: width(pieces - lacked) }} />
        <span className={to === 0 ? "bar-absent" : "bar-lack"} style={{ width: width(lacked) }} />
      </span>
      <span className="bar-count">{formatCount(pieces)}</span>
      <span className="unseen">{say.swarm.barWords(pieces, copies, lacked)}</span>
    </li>
  );
}
