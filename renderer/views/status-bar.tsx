import { ArrowDown, ArrowUp, Network, Radio, Waypoints } from "lucide-react";
import { formatRate } from "../format/units.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";

/** The session in one line. */
export function StatusBar() {
  const { open } = useActions();
  const session = useApp((state) => state.engine.session);
  const link = useApp((state) => state.link);
  const torrents = useApp((state) => state.engine.torrents.size);
  return (
    <footer className="status" data-testid="status-bar" data-link={link}>
      {session === undefined ? (
        <span>{link === "connecting" ? say.frame.connecting : link === "lost" ? say.frame.notReached : ""}</span>
      ) : (
        <>
          <span className="status-item" data-testid="status-down" data-active={session.downRate >= 1}>
            <ArrowDown size={13} aria-label={say.frame.down} />
            {formatRate(session.downRate)}
            {session.settings.downLimit > 0 && (
              <span className="status-limit">{say.frame.ofLimit(formatRate(session.settings.downLimit))}</span>
            )}
          </span>
          <span className="status-item" data-testid="status-up" data-active={session.upRate >= 1}>
            <ArrowUp size={13} aria-label={say.frame.up} />
            {formatRate(session.upRate)}
            {session.settings.upLimit > 0 && (
              <span className="status-limit">{say.frame.ofLimit(formatRate(session.settings.upLimit))}</span>
            )}
          </span>
          <span className="status-item" data-testid="status-connections">
            <Network size={13} aria-hidden="true" />
            {say.counts.connections(session.connections)}
          </span>
          <span className="status-item" data-testid="status-port" title={session.mapping.words}>
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
          <span className="status-space" />
          <span>{say.counts.torrents(torrents)}</span>
          <span className="status-version">{say.frame.version(session.version)}</span>
        </>
      )}
    </footer>
  );
}
