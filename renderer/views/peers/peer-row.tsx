// biome-ignore-all lint/a11y/useSemanticElements: see grid.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: see grid.tsx
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the role is among the attributes
// biome-ignore-all lint/a11y/noStaticElementInteractions: as above
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid has the focus, and folds by keys
import { ChevronDown, ChevronRight, RotateCw } from "lucide-react";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { type AnyPeer, endOf, lettersOf, type PeerGroup } from "../../format/peer-filter.ts";
import { formatBytes, formatClock, formatCount, formatDistance } from "../../format/units.ts";
import { capitalised, reasonWords } from "../../format/words.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { anyPeer, type PeerColumn } from "../../store/peer-rows.ts";
import { say } from "../../words/say.ts";
import { useApp, useNow } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import type { RowAttributes, ShapedColumn } from "../parts/grid.tsx";
import { OFFLINE_COLUMNS, PeerCell, type RowContext } from "./peer-cells.tsx";

const TEST_IDS = { live: "peer-row", known: "known-row", gone: "left-row" } as const;

/** One peer: cells for what is known of it; one that is not connected tells its story where the others have numbers. */
export function PeerRow({
  peerKey,
  attributes,
  columns,
  context,
  onConnect,
}: {
  peerKey: string;
  attributes: RowAttributes;
  columns: readonly ShapedColumn<PeerColumn>[];
  context: RowContext;
  onConnect: (any: AnyPeer) => void;
}) {
  const live = useApp((state) => selectedDetails(state).peers?.get(Number(peerKey.slice(1))));
  const other = useApp((state) => (live === undefined ? otherPeer(state, peerKey) : undefined));
  const any: AnyPeer | undefined = live !== undefined && peerKey.startsWith("p") ? { kind: "live", peer: live } : other;
  if (any === undefined) return <div {...attributes} aria-level={2} />;
  const { from, to } = any.kind === "live" ? { from: columns.length, to: columns.length } : storyRun(columns);
  return (
    <div
      {...attributes}
      aria-level={2}
      data-testid={TEST_IDS[any.kind]}
      data-key={peerKey}
      data-peer={any.kind === "live" ? any.peer.id : undefined}
      data-address={formatEndpoint(any.peer)}
      data-phase={any.kind === "live" ? any.peer.phase : undefined}
      data-flags={lettersOf(any)}
      data-reason={endOf(any)?.reason}
    >
      {columns.map((column, index) => {
        if (index < from || index >= to)
          return <PeerCell key={column.id} column={column} any={any} context={context} />;
        return index === from ? <Story key="story" any={any} columns={to - from} onConnect={onConnect} /> : null;
      })}
    </div>
  );
}

const others = new WeakMap<object, AnyPeer>();

/** The same value as long as it is the same peer, so that its row is not drawn again. */
function otherPeer(state: Parameters<typeof selectedDetails>[0], key: string): AnyPeer | undefined {
  const any = anyPeer(selectedDetails(state), key);
  if (any === undefined) return undefined;
  const made = others.get(any.peer);
  if (made?.kind === any.kind) return made;
  others.set(any.peer, any);
  return any;
}

/** The longest run of columns that say nothing of a peer that is not connected. */
function storyRun(columns: readonly ShapedColumn<PeerColumn>[]): { from: number; to: number } {
  let best = { from: 0, to: 0 };
  let from = 0;
  columns.forEach(({ id }, index) => {
    if (OFFLINE_COLUMNS.has(id)) from = index + 1;
    else if (index + 1 - from > best.to - best.from) best = { from, to: index + 1 };
  });
  return best;
}

/** Why it is not with us, in words and by number; when it is tried next, and a button that tries now. */
function Story({ any, columns, onConnect }: { any: AnyPeer; columns: number; onConnect: (any: AnyPeer) => void }) {
  const end = endOf(any);
  const hindrance = any.kind === "known" ? any.peer.hindrance : undefined;
  return (
    <div role="gridcell" className="grid-cell story" aria-colspan={columns} style={{ gridColumn: `span ${columns}` }}>
      <span className="ellipsis" title={end === undefined ? undefined : `${reasonWords(end.reason)}: ${end.detail}`}>
        {hindrance !== undefined ? (
          say.peers.hindrances[hindrance]
        ) : end === undefined ? (
          <span className="quiet">{say.peers.neverTried}</span>
        ) : (
          <>
            {reasonWords(end.reason)} <span className="quiet">{end.detail}</span>
          </>
        )}
      </span>
      {end !== undefined && (
        <code className="reason-code" title={end.reason}>
          {end.code}
        </code>
      )}
      <span className="story-rest quiet">
        <StoryTimes any={any} />
      </span>
      {hindrance === undefined && (
        <IconButton
          icon={RotateCw}
          words={any.kind === "known" ? say.peers.connect : say.peers.connectAgain}
          data-testid="peer-connect"
          data-stop
          tabIndex={-1}
          onClick={() => onConnect(any)}
        />
      )}
    </div>
  );
}

function StoryTimes({ any }: { any: AnyPeer }) {
  const now = useNow();
  if (any.kind === "gone") {
    const { payloadDown, payloadUp, at } = any.peer;
    const moved = payloadDown + payloadUp > 0 ? `↓ ${formatBytes(payloadDown)} ↑ ${formatBytes(payloadUp)}, ` : "";
    return `${moved}${formatClock(at)}`;
  }
  if (any.kind !== "known" || any.peer.hindrance !== undefined) return null;
  const { failures, nextTry, lastEnd } = any.peer;
  const words = [
    failures > 0 && say.peers.failures(failures),
    failures === 0 && lastEnd !== undefined && say.peers.left(formatDistance(lastEnd.at, now)),
    nextTry > now ? say.peers.nextTry(formatDistance(nextTry, now)) : say.peers.nextTryFree,
  ];
  return capitalised(words.filter((part) => part !== false).join(", "));
}

/** A heading: how many peers are under it, and a fold. */
export function GroupRow({
  group,
  counts,
  isFolded,
  columns,
  attributes,
  onFold,
}: {
  group: PeerGroup;
  counts: { readonly shown: number; readonly all: number };
  isFolded: boolean;
  columns: number;
  attributes: RowAttributes;
  onFold: () => void;
}) {
  const Chevron = isFolded ? ChevronRight : ChevronDown;
  const { shown, all } = counts;
  const note = say.peers.groupNotes[group];
  return (
    <div
      {...attributes}
      className={`${attributes.className} group-row`}
      aria-level={1}
      aria-expanded={!isFolded}
      data-testid="peer-group"
      data-group={group}
      data-shown={shown}
      data-all={all}
      onClick={onFold}
    >
      <div role="gridcell" className="grid-cell" aria-colspan={columns} style={{ gridColumn: "1 / -1" }}>
        <Chevron size={14} aria-hidden="true" />
        <span className="group-title">{say.peers.groups[group]}</span>
        <span className="group-count">{shown === all ? formatCount(all) : say.peers.ofAll(shown, all)}</span>
        {note !== "" && <span className="group-note">{note}</span>}
      </div>
    </div>
  );
}
