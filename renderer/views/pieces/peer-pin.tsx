import { X } from "lucide-react";
import { useMemo } from "react";
import { PIECE_STATE, type PiecesView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { FLIGHT, flightOf } from "../../canvas/flight.ts";
import { hasPiece } from "../../format/describe-pieces.ts";
import { flagWords } from "../../format/flags.ts";
import { formatCount, formatPercent, formatRate } from "../../format/units.ts";
import { capitalised, connectionWords } from "../../format/words.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button, IconButton } from "../parts/buttons.tsx";
import { Fact } from "./piece-panel.tsx";

/** The pinned peer: what it has of what we lack, and what it is doing for us. */
export function PeerPin({ id, pieces }: { id: number; pieces: PiecesView }) {
  const { pin, selectPeer, showTab, showPeers } = useActions();
  const peer = useApp((state) => selectedDetails(state).peers?.get(id));
  const blocks = useApp((state) => selectedDetails(state).blocks);
  const bits = peer?.pieces;
  const worth = useMemo(() => worthOf(bits, pieces), [bits, pieces]);
  const marks = useMemo(
    () => (blocks === undefined ? [] : (flightOf(blocks, 1 << 20).byPeer.get(id) ?? [])),
    [blocks, id],
  );
  const gave = marks.filter((kind, i) => i % 2 === 1 && kind === FLIGHT.received).length;
  const asked = marks.length / 2 - gave;
  const words = say.swarm;

  function show(): void {
    selectPeer(id);
    showPeers("here");
    showTab("peers");
  }

  return (
    <section className="pin-panel" aria-labelledby="pin-title" data-testid="peer-pin" data-peer={id}>
      <header className="pin-head">
        <div className="panel-titles">
          <h2 id="pin-title" className="ellipsis">
            {peer === undefined ? words.peerGone(id) : formatEndpoint(peer)}
          </h2>
          {peer !== undefined && <p className="quiet">{peer.client ?? capitalised(connectionWords(peer))}</p>}
        </div>
        <IconButton icon={X} words={words.unpin} data-testid="pin-close" onClick={() => pin(undefined)} />
      </header>
      {peer === undefined ? (
        <p className="quiet">{words.peerLeft}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <div className="pin-body" tabIndex={0} role="group" aria-label={words.pinnedPeer}>
          <ul className="flag-words">
            {flagWords(flagLetters(peer)).map(({ letter, words: meaning }) => (
              <li key={letter}>
                <span className="flag" data-flag={letter}>
                  {letter}
                </span>
                {meaning}
              </li>
            ))}
          </ul>
          <dl className="facts">
            <Fact name="progress" title={words.columns.progress}>
              {formatPercent(peer.piecesCount, pieces.states.length)}
              {"\n"}
              {words.hasOf(formatCount(peer.piecesCount), formatCount(pieces.states.length))}
            </Fact>
            <Fact name="lacked" title={words.lacks}>
              {words.weLack(worth.lacked)}
              {"\n"}
              {words.onlyIt(worth.alone)}
            </Fact>
            <Fact name="flight" title={words.inFlight}>
              {words.asksIt(asked)}
              {"\n"}
              {words.gaveUnderWay(gave)}
            </Fact>
            <Fact name="down" title={words.columns.down}>
              {formatRate(peer.downRate)}
            </Fact>
            <Fact name="up" title={words.columns.up}>
              {formatRate(peer.upRate)}
            </Fact>
          </dl>
          <Button onClick={show} data-testid="pin-show-peer">
            {words.showPeer}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What it has of what we lack, and what nobody else has. */
function worthOf(
  bits: Uint8Array | undefined,
  { states, availability }: PiecesView,
): { lacked: number; alone: number } {
  let lacked = 0;
  let alone = 0;
  for (let piece = 0; piece < states.length; piece++) {
    if (!hasPiece(bits, piece)) continue;
    if (availability[piece] === 1) alone++;
    if (states[piece] !== PIECE_STATE.verified && states[piece] !== PIECE_STATE.unwanted) lacked++;
  }
  return { lacked, alone };
}
