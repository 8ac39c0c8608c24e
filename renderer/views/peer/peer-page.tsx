import { ArrowLeft, Ban, Unplug } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { REQUEST_FIELDS } from "../../../core/contract/peer-life.ts";
import type { FileView, GonePeer, PeerView } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import { explainPeer } from "../../format/explanation.ts";
import { visitsOf } from "../../format/peer-visits.ts";
import { formatBytes, formatDistance, formatDuration, formatPercent, formatRate } from "../../format/units.ts";
import { capitalised, connectionWords } from "../../format/words.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import type { PeerLife } from "../../store/peer-life.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useNow } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import { Segments } from "../parts/segments.tsx";
import { Flags } from "../peers/flags.tsx";
import { useSize } from "../use-size.ts";
import { Identity } from "./identity.tsx";
import { Requests } from "./requests.tsx";
import { ShareMap } from "./share-map.tsx";
import { Timeline } from "./timeline.tsx";
import { WireLog } from "./wire-log.tsx";

const PARTS = ["timeline", "pieces", "wire", "identity"] as const;
type Part = (typeof PARTS)[number];
const NO_FILES: readonly FileView[] = [];
const NO_GONE: readonly GonePeer[] = [];
const NONE: ReadonlySet<number> = new Set();

/** One peer, all of it, instead of the table. It stays as it was last when the peer leaves. */
export function PeerPage({ id }: { id: number }) {
  const { openPeer } = useActions();
  const here = useApp((state) => selectedDetails(state).peers?.get(id));
  const life = useApp((state) => {
    const { life: shown } = selectedDetails(state);
    return shown?.peer === id ? shown : undefined;
  });
  const last = useRef<PeerView>(undefined);
  const [part, setPart] = useState<Part>("timeline");
  const page = useRef<HTMLElement>(null);
  if (here !== undefined) last.current = here;
  const peer = here ?? last.current;
  const isUnknown = peer === undefined;

  useEffect(() => page.current?.focus(), []);
  useEffect(() => {
    if (isUnknown) openPeer(undefined);
  }, [isUnknown, openPeer]);

  if (peer === undefined) return null;
  const handleKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    openPeer(undefined);
  };
  return (
    <section
      ref={page}
      className="peer-page"
      tabIndex={-1}
      aria-label={say.peer.peer(formatEndpoint(peer))}
      data-testid="peer-page"
      data-peer={id}
      data-here={here !== undefined}
      onKeyDown={handleKey}
    >
      <PageHead peer={peer} isHere={here !== undefined} />
      <div className="peer-page-parts">
        <Segments
          label={say.peer.partsLabel}
          chosen={part}
          onChoose={setPart}
          segments={PARTS.map((value) => ({ value, title: say.peer.parts[value], testId: `peer-part-${value}` }))}
        />
      </div>
      <PagePart part={part} peer={peer} life={life} isHere={here !== undefined} />
    </section>
  );
}

function PageHead({ peer, isHere }: { peer: PeerView; isHere: boolean }) {
  const { openPeer, disconnect, ban } = useActions();
  const torrent = useApp((state) => selectedTorrent(state));
  const gone = useApp((state) => selectedDetails(state).gone)?.findLast((one) => one.peer === peer.id);
  const isPast = useApp((state) => state.past !== undefined);
  const now = useNow();
  if (torrent === undefined) return null;
  const explanation = isHere ? explainPeer(peer) : leftWords(gone, now);
  return (
    <header className="peer-page-head">
      <IconButton
        icon={ArrowLeft}
        words={say.peer.back}
        data-testid="peer-page-back"
        onClick={() => openPeer(undefined)}
      />
      <div className="peer-page-titles">
        <h2 className="ellipsis">
          {formatEndpoint(peer)} <span className="peer-page-client">{peer.client ?? ""}</span>
        </h2>
        <p className="quiet ellipsis" data-testid="peer-page-explanation">
          {explanation ?? capitalised(connectionWords(peer))}
        </p>
      </div>
      <Flags letters={flagLetters(peer)} />
      <dl className="peer-page-figures">
        <Figure title={say.peer.facts.has} value={formatPercent(peer.piecesCount, torrent.pieceCount)} />
        <Figure title={say.peer.facts.down} value={formatRate(peer.downRate)} note={formatBytes(peer.payloadDown)} />
        <Figure title={say.peer.facts.up} value={formatRate(peer.upRate)} note={formatBytes(peer.payloadUp)} />
        {peer.connectedAt !== undefined && (
          <Figure
            title={say.peer.facts.connected}
            value={formatDuration((isHere ? now : (gone?.at ?? now)) - peer.connectedAt)}
          />
        )}
      </dl>
      <IconButton
        icon={Unplug}
        words={say.peer.disconnect}
        disabled={!isHere || isPast}
        onClick={() => void disconnect(torrent.id, peer.id)}
      />
      <IconButton
        icon={Ban}
        words={say.peer.ban}
        disabled={!isHere || isPast}
        onClick={() => void ban(torrent.id, peer.id)}
      />
    </header>
  );
}

function leftWords(gone: GonePeer | undefined, now: number): string {
  if (gone === undefined) return say.peer.left;
  return say.peer.isGone(formatDistance(gone.at, now), say.values.reasons[gone.reason]);
}

function Figure({ title, value, note }: { title: string; value: string; note?: string }) {
  return (
    <div className="peer-page-figure">
      <dt>{title}</dt>
      <dd>
        {value} {note !== undefined && <span className="quiet">{note}</span>}
      </dd>
    </div>
  );
}

function PagePart({
  part,
  peer,
  life,
  isHere,
}: {
  part: Part;
  peer: PeerView;
  life: PeerLife | undefined;
  isHere: boolean;
}) {
  const now = useNow();
  const gone = useApp((state) => selectedDetails(state).gone) ?? NO_GONE;
  const pieceCount = useApp((state) => selectedTorrent(state)?.pieceCount ?? 0);
  if (part === "identity")
    return <Identity peer={peer} pieceCount={pieceCount} visits={visitsOf(peer, gone)} now={now} />;
  if (life === undefined) return <p className="nothing">…</p>;
  if (part === "wire")
    return <WireLog messages={life.messages} name={`${peer.host.replaceAll(":", ".")}-${peer.port}`} />;
  if (part === "pieces") return <PiecesPart peer={peer} life={life} now={now} isHere={isHere} />;
  if (life.history === undefined) return <p className="nothing">{say.peer.noHistory}</p>;
  const end = gone.findLast((one) => one.peer === peer.id)?.at ?? life.history.until;
  return <Timeline history={life.history} until={isHere ? Math.max(now, life.history.until) : end} isOpen={isHere} />;
}

function PiecesPart({ peer, life, now, isHere }: { peer: PeerView; life: PeerLife; now: number; isHere: boolean }) {
  const states = useApp((state) => selectedDetails(state).pieces?.states);
  const files = useApp((state) => selectedDetails(state).files) ?? NO_FILES;
  const pieceLength = useApp((state) => selectedTorrent(state)?.pieceLength ?? 0);
  const scroller = useRef<HTMLElement>(null);
  const { height } = useSize(scroller);
  const requests = isHere ? life.requests : undefined;
  const flight = useMemo(() => new Set(requests?.ours.filter((_, at) => at % REQUEST_FIELDS === 0) ?? []), [requests]);
  const next = useMemo(() => new Set(life.next.filter((piece) => !flight.has(piece))), [life.next, flight]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="peer-page-scroll" ref={scroller} tabIndex={0} aria-label={say.peer.parts.pieces}>
      {states === undefined || states.length === 0 ? null : (
        <ShareMap
          states={states}
          bits={peer.pieces}
          flight={flight}
          next={isHere ? next : NONE}
          files={files}
          pieceLength={pieceLength}
          height={height}
        />
      )}
      <Requests requests={requests} given={life.given} now={now} />
    </section>
  );
}
