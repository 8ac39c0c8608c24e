import { ArrowDown, ArrowUp, ChartLine, Network, Radio, Turtle, Waypoints } from "lucide-react";
import type { Settings } from "../../core/contract/views.ts";
import { formatRate } from "../format/units.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Hinted } from "./parts/hint.tsx";

/** The session in one line. */
export function StatusBar() {
  const { open } = useActions();
  const session = useApp((state) => state.engine.session);
  const link = useApp((state) => state.link);
  const torrents = useApp((state) => state.engine.torrents.size);
  const limits = limitsNow(session?.settings);
  return (
    <footer className="status" data-testid="status-bar" data-link={link}>
      {session === undefined ? (
        <span>{link === "connecting" ? say.frame.connecting : link === "lost" ? say.frame.notReached : ""}</span>
      ) : (
        <>
          <span className="status-item" data-testid="status-down" data-active={session.downRate >= 1}>
            <ArrowDown size={13} aria-label={say.frame.down} />
            {formatRate(session.downRate)}
            <Limit rate={limits.down} />
          </span>
          <span className="status-item" data-testid="status-up" data-active={session.upRate >= 1}>
            <ArrowUp size={13} aria-label={say.frame.up} />
            {formatRate(session.upRate)}
            <Limit rate={limits.up} />
          </span>
          <TurtleButton settings={session.settings} />
          <span className="status-item" data-testid="status-connections">
            <Network size={13} aria-hidden="true" />
            {say.counts.connections(session.connections)}
          </span>
          <span className="status-item" data-testid="status-port" title={say.values.mapping(session.mapping)}>
            <Radio size={13} aria-hidden="true" />
            {session.listenPort === undefined ? say.frame.notListening : say.frame.listening(session.listenPort)}
          </span>
          <button
            type="button"
            className="status-item status-button"
            data-testid="status-dht"
            onClick={() => open({ kind: "dht" })}
          >
            <Waypoints size={13} aria-hidden="true" />
            {session.dhtNodes === undefined ? say.frame.dhtOff : say.frame.dhtNodes(session.dhtNodes)}
          </button>
          <button
            type="button"
            className="status-item status-button"
            data-testid="status-charts"
            onClick={() => open({ kind: "charts" })}
          >
            <ChartLine size={13} aria-hidden="true" />
            {say.charts.open}
          </button>
          <span className="status-space" />
          <span className="status-torrents">{say.counts.torrents(torrents)}</span>
          <span className="status-version">{say.frame.version(session.version)}</span>
        </>
      )}
    </footer>
  );
}

/** The limits that hold at this moment; 0: none. */
function limitsNow(settings: Settings | undefined): { readonly down: number; readonly up: number } {
  if (settings === undefined) return { down: 0, up: 0 };
  const { alternativeLimits, alternativeDownLimit, alternativeUpLimit, downLimit, upLimit } = settings;
  return alternativeLimits ? { down: alternativeDownLimit, up: alternativeUpLimit } : { down: downLimit, up: upLimit };
}

function Limit({ rate }: { rate: number }) {
  return rate === 0 ? null : <span className="status-limit">{say.frame.ofLimit(formatRate(rate))}</span>;
}

/** Slow and steady: the alternative limits, on and off. */
function TurtleButton({
  settings: { alternativeLimits, alternativeDownLimit, alternativeUpLimit },
}: {
  settings: Settings;
}) {
  const { changeSettings } = useActions();
  const isPast = useApp((state) => state.past !== undefined);
  const told = (rate: number) => (rate === 0 ? say.frame.unlimited : formatRate(rate));
  const words = say.frame.turtle(told(alternativeDownLimit), told(alternativeUpLimit));
  return (
    <Hinted
      words={words}
      className="status-item status-button"
      aria-pressed={alternativeLimits}
      aria-disabled={isPast}
      data-testid="status-turtle"
      onClick={() => {
        if (!isPast) void changeSettings({ alternativeLimits: !alternativeLimits });
      }}
    >
      <Turtle size={15} strokeWidth={1.75} aria-hidden="true" />
    </Hinted>
  );
}
