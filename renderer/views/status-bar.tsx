import { ArrowDown, ArrowUp, Network, Radio, Waypoints } from "lucide-react";
import { countOf, formatRate } from "../format/units.ts";
import { useActions, useApp } from "./app-context.tsx";

const LINK_WORDS = { connecting: "Connecting to the engine…", open: "", lost: "Engine not reached" } as const;

/** The session in one line. */
export function StatusBar() {
  const { open } = useActions();
  const session = useApp((state) => state.engine.session);
  const link = useApp((state) => state.link);
  const torrents = useApp((state) => state.engine.torrents.size);
  return (
    <footer className="status" data-testid="status-bar" data-link={link}>
      {session === undefined ? (
        <span>{LINK_WORDS[link]}</span>
      ) : (
        <>
          <span className="status-item" data-testid="status-down" data-active={session.downRate >= 1}>
            <ArrowDown size={13} aria-label="Down" />
            {formatRate(session.downRate)}
            {session.settings.downLimit > 0 && (
              <span className="status-limit">of {formatRate(session.settings.downLimit)}</span>
            )}
          </span>
          <span className="status-item" data-testid="status-up" data-active={session.upRate >= 1}>
            <ArrowUp size={13} aria-label="Up" />
            {formatRate(session.upRate)}
            {session.settings.upLimit > 0 && (
              <span className="status-limit">of {formatRate(session.settings.upLimit)}</span>
            )}
          </span>
          <span className="status-item" data-testid="status-connections">
            <Network size={13} aria-hidden="true" />
            {countOf(session.connections, "connection")}
          </span>
          <span className="status-item" data-testid="status-port" title={session.mapping.words}>
            <Radio size={13} aria-hidden="true" />
            {session.listenPort === undefined ? "Not listening" : `Listening on port ${session.listenPort}`}
          </span>
          <button
            type="button"
            className="status-item status-button"
            data-testid="status-dht"
            onClick={() => open({ kind: "dht" })}
          >
            <Waypoints size={13} aria-hidden="true" />
            {session.dhtNodes === undefined ? "DHT off" : `DHT: ${countOf(session.dhtNodes, "node")}`}
          </button>
          <span className="status-space" />
          <span>{countOf(torrents, "torrent")}</span>
          <span className="status-version">Peerscope {session.version}</span>
        </>
      )}
    </footer>
  );
}
