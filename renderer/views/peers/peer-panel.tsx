import { Ban, Maximize2, Unplug, X } from "lucide-react";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { RecentMessage } from "../../../core/model/peer-face.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { explainPeer } from "../../format/explanation.ts";
import { flagWords } from "../../format/flags.ts";
import { peerFacts } from "../../format/peer-facts.ts";
import { formatClock } from "../../format/units.ts";
import { capitalised, connectionWords } from "../../format/words.ts";
import { selectedDetails, selectedPeer, selectedTorrent } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useNow } from "../app-context.tsx";
import { CopyButton, IconButton } from "../parts/buttons.tsx";

/** All that is known of the chosen peer. */
export function PeerPanel() {
  const { selectPeer, openPeer, disconnect, ban } = useActions();
  const peer = useApp(selectedPeer);
  const torrent = useApp((state) => state.selected);
  const isPast = useApp((state) => state.past !== undefined);
  const pieceCount = useApp((state) => selectedTorrent(state)?.pieceCount ?? 0);
  const detail = useApp((state) => {
    const { peer: shown } = selectedDetails(state);
    return shown?.peer === state.selectedPeer ? shown : undefined;
  });
  const now = useNow();
  if (peer === undefined || torrent === undefined) return null;
  return (
    <aside
      className="peer-panel"
      aria-label={say.peer.peer(formatEndpoint(peer))}
      data-testid="peer-panel"
      data-peer={peer.id}
    >
      <header className="panel-head">
        <div className="panel-titles">
          <h2 className="ellipsis">{formatEndpoint(peer)}</h2>
          <p className="quiet ellipsis">{peer.client ?? capitalised(connectionWords(peer))}</p>
        </div>
        <IconButton icon={Maximize2} words={say.peer.open} data-testid="peer-open" onClick={() => openPeer(peer.id)} />
        <IconButton
          icon={Unplug}
          words={say.peer.disconnect}
          disabled={isPast}
          data-testid="peer-disconnect"
          onClick={() => void disconnect(torrent, peer.id)}
        />
        <IconButton
          icon={Ban}
          words={say.peer.ban}
          disabled={isPast}
          data-testid="peer-ban"
          onClick={() => void ban(torrent, peer.id)}
        />
        <IconButton
          icon={X}
          words={say.frame.close}
          data-testid="peer-panel-close"
          onClick={() => selectPeer(undefined)}
        />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section className="panel-body" tabIndex={0} aria-label={say.peer.properties}>
        <PeerExplanation words={explainPeer(peer)} />
        <ul className="flag-words" data-testid="peer-flags">
          {flagWords(flagLetters(peer)).map(({ letter, words }) => (
            <li key={letter}>
              <span className="flag" data-flag={letter}>
                {letter}
              </span>
              {words}
            </li>
          ))}
        </ul>
        {peerFacts(peer, pieceCount, now).map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl className="facts">
              {group.facts.map(({ property, title, value, isCode }) => (
                <div key={property} className="facts-line" data-testid="peer-fact" data-property={property}>
                  <dt>{title}</dt>
                  <dd className={isCode ? "code" : undefined}>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{say.peer.lastMessages}</h3>
          <Messages messages={detail?.recentMessages ?? []} />
        </section>
        <section>
          <div className="section-head">
            <h3>{say.peer.description}</h3>
            <CopyButton
              text={detail?.dump ?? ""}
              what={say.peer.description}
              disabled={detail === undefined}
              data-testid="peer-dump-copy"
            />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
          <pre className="dump" tabIndex={0} data-testid="peer-dump">
            {detail?.dump ?? "…"}
          </pre>
        </section>
      </section>
    </aside>
  );
}

/** Why nothing passes, when nothing does. */
function PeerExplanation({ words }: { words: string | undefined }) {
  if (words === undefined) return null;
  return (
    <p className="peer-explanation" data-testid="peer-explanation">
      {words}
    </p>
  );
}

function Messages({ messages }: { messages: readonly RecentMessage[] }) {
  if (messages.length === 0) return <p className="quiet">{say.peer.noMessages}</p>;
  return (
    <ol className="messages" data-testid="peer-messages">
      {messages.toReversed().map((message, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages have no name of their own; the list is replaced as a whole
        <li key={`${message.at}-${index}`} data-way={message.way}>
          <span className="quiet">{formatClock(message.at)}</span>
          <span className="message-way">
            <span aria-hidden="true">{message.way === "in" ? "←" : "→"}</span>
            <span className="unseen">{message.way === "in" ? say.peer.received : say.peer.sent}</span>
          </span>
          <span>{message.text}</span>
        </li>
      ))}
    </ol>
  );
}
