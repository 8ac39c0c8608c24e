import { type CSSProperties, useMemo, useState } from "react";
import type { GonePeer } from "../../../core/contract/views.ts";
import { formatCount } from "../../format/units.ts";
import { fits, GONE_COUNTS, type GoneChoice, type GoneCount, goneBars } from "../../store/gone.ts";
import { say } from "../../words/say.ts";
import { Button } from "../parts/buttons.tsx";
import { Segments } from "../parts/segments.tsx";

/** Those who are gone, counted; a bar that is pressed shows its peers alone. */
export function GoneChart({
  peers,
  choice,
  onChoose,
}: {
  peers: readonly GonePeer[];
  choice: GoneChoice;
  onChoose: (choice: GoneChoice) => void;
}) {
  const [by, setBy] = useState<GoneCount>("reason");
  const chosen = choice[by];
  const bars = useMemo(() => {
    // What was chosen of this count does not count: its other bars stay to be chosen.
    const counted = peers.filter((peer) => fits(peer, without(choice, by)));
    return goneBars(counted, by);
  }, [peers, choice, by]);
  const most = bars[0]?.count ?? 1;
  return (
    <section className="gone-chart" aria-label={say.gone.chart} data-testid="gone-chart">
      <Segments
        label={say.gone.chart}
        chosen={by}
        onChoose={setBy}
        segments={GONE_COUNTS.map((value) => ({ value, title: TITLES[value](), testId: `gone-by-${value}` }))}
      />
      <ul>
        {bars.map(({ key, label, count }) => (
          <li key={key}>
            <button
              type="button"
              className="gone-bar"
              aria-pressed={chosen === key}
              title={label}
              data-testid="gone-bar"
              data-key={key}
              data-count={count}
              style={{ "--share": `${(100 * count) / most}%` } as CSSProperties}
              onClick={() => onChoose(chosen === key ? without(choice, by) : { ...choice, [by]: key })}
            >
              <span className="gone-bar-label ellipsis">{label}</span>
              <span className="gone-bar-count">{formatCount(count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {Object.keys(choice).length > 0 && (
        <Button className="button-small" data-testid="gone-all" onClick={() => onChoose({})}>
          {say.gone.all}
        </Button>
      )}
    </section>
  );
}

function without(choice: GoneChoice, by: GoneCount): GoneChoice {
  return Object.fromEntries(Object.entries(choice).filter(([key]) => key !== by));
}

const TITLES: Record<GoneCount, () => string> = {
  reason: () => say.gone.byReason,
  client: () => say.gone.byClient,
  source: () => say.gone.bySource,
};
