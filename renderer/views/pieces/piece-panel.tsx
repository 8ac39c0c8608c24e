import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { PieceAttemptView, PiecesView } from "../../../core/contract/views.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { filesOfPiece, hasPiece, pieceStateName } from "../../format/describe-pieces.ts";
import { blockRuns, contributorsOf, runWords } from "../../format/piece-story.ts";
import { formatBytes, formatCount, formatMoment, formatRoundTrip } from "../../format/units.ts";
import { capitalised, pieceStateWords } from "../../format/words.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { CopyButton, IconButton } from "../parts/buttons.tsx";
import { BlockGrid } from "./block-grid.tsx";
import { usePeerName } from "./use-peer-name.ts";

/** All that is known of the pinned piece: its blocks, who gave them, and how it came. */
export function PiecePanel({ piece, pieces }: { piece: number; pieces: PiecesView }) {
  const { pin } = useActions();
  const detail = useApp((state) => {
    const { piece: known } = selectedDetails(state);
    return known?.piece === piece ? known : undefined;
  });
  const state = pieceStateName(pieces.states[piece]);
  const attempts = detail?.attempts ?? [];
  const failures = attempts.filter(({ isRight }) => isRight === false);
  const current = attempts.at(-1);
  return (
    <section className="pin-panel" aria-labelledby="pin-title" data-testid="piece-panel" data-piece={piece}>
      <header className="pin-head">
        <div>
          <h2 id="pin-title">
            {say.swarm.piece(formatCount(piece))}{" "}
            <span className="quiet">{say.swarm.of(formatCount(pieces.states.length))}</span>
          </h2>
          <p className="tip-state" data-state={state}>
            {capitalised(pieceStateWords(state))}
          </p>
        </div>
        <IconButton icon={X} words={say.swarm.unpin} data-testid="pin-close" onClick={() => pin(undefined)} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <div className="pin-body" tabIndex={0} role="group" aria-label={say.swarm.pinnedPiece}>
        <Blocks piece={piece} length={detail?.length} isVerified={state === "verified"} attempt={current} />
        <PieceFacts piece={piece} length={detail?.length} current={current} failures={failures.length} state={state} />
        {current !== undefined && contributorsOf(current).length > 0 && (
          <Givers title={say.swarm.contributors} attempt={current} testId="piece-contributors" />
        )}
        {failures.length > 0 && failures.at(-1) !== current && (
          <Givers title={say.swarm.lastFailure} attempt={failures.at(-1) as PieceAttemptView} testId="piece-blamed" />
        )}
        {detail !== undefined && detail.hash.length > 0 && <Hash bytes={detail.hash} />}
      </div>
    </section>
  );
}

/** What only the engine knows is missing until it has told, and in a recording, which does not have it. */
function PieceFacts({
  piece,
  length,
  current,
  failures,
  state,
}: {
  piece: number;
  length: number | undefined;
  current: PieceAttemptView | undefined;
  failures: number;
  state: string;
}) {
  const files = useApp((app) => selectedDetails(app).files);
  const pieceLength = useApp((app) => selectedTorrent(app)?.pieceLength ?? 0);
  const peers = useApp((app) => selectedDetails(app).peers);
  const owners = [...(peers?.values() ?? [])].filter((peer) => hasPiece(peer.pieces, piece));
  const words = say.swarm.facts;
  const { begunAt, wholeAt, endedAt, isRight } = current ?? {};
  return (
    <dl className="facts">
      <Fact name="files" title={words.files}>
        {files === undefined
          ? "…"
          : filesOfPiece(files, piece, pieceLength)
              .map(({ path }) => path)
              .slice(0, MOST_FILES)
              .join("\n")}
      </Fact>
      {length !== undefined && (
        <Fact name="size" title={words.size}>
          {formatBytes(length)}
        </Fact>
      )}
      <Fact name="owners" title={words.owners}>
        {say.counts.peers(owners.length)}
      </Fact>
      {length !== undefined && (
        <Fact name="begun" title={words.begun}>
          {begunAt === undefined
            ? state === "verified"
              ? say.swarm.fromBefore
              : say.swarm.notBegun
            : formatMoment(begunAt)}
        </Fact>
      )}
      {begunAt !== undefined && wholeAt !== undefined && (
        <Fact name="took" title={words.took}>
          {formatRoundTrip(wholeAt - begunAt)}
        </Fact>
      )}
      {wholeAt !== undefined && endedAt !== undefined && (
        <Fact name="checked" title={words.checked}>
          {formatRoundTrip(endedAt - wholeAt)}
        </Fact>
      )}
      {endedAt !== undefined && isRight === true && (
        <Fact name="verified" title={words.verified}>
          {formatMoment(endedAt)}
        </Fact>
      )}
      {length !== undefined && (
        <Fact name="failures" title={words.failures}>
          {failures === 0 ? say.swarm.noFailure : say.swarm.failedTimes(failures)}
        </Fact>
      )}
    </dl>
  );
}

const MOST_FILES = 20;

/** One line of the panel. */
export function Fact({ name, title, children }: { name: string; title: string; children: ReactNode }) {
  return (
    <div className="facts-line" data-testid="pin-fact" data-property={name}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Blocks({
  piece,
  length,
  isVerified,
  attempt,
}: {
  piece: number;
  length: number | undefined;
  isVerified: boolean;
  attempt: PieceAttemptView | undefined;
}) {
  const blocks = useApp((state) => selectedDetails(state).blocks);
  const pieceLength = useApp((state) => selectedTorrent(state)?.pieceLength ?? 0);
  const nameOf = usePeerName();
  const runs = blockRuns(blocks, piece);
  const count = Math.ceil((length ?? pieceLength) / BLOCK_LENGTH);
  const sum = { free: 0, asked: 0, shared: 0, received: 0 };
  for (const { first, last, kind } of runs ?? []) sum[kind] += last - first + 1;
  const words =
    runs === undefined
      ? isVerified
        ? say.swarm.allVerified(count)
        : say.swarm.blockSum(count, 0, 0)
      : say.swarm.blockSum(sum.free, sum.asked + sum.shared, sum.received);
  return (
    <section className="pin-section">
      <h3>{say.swarm.blocks}</h3>
      <p className="quiet" data-testid="piece-block-sum">
        {words}
      </p>
      <BlockGrid count={count} runs={runs} isVerified={isVerified} givers={isVerified ? attempt?.givers : undefined} />
      {runs !== undefined && (
        <ol className="block-runs" data-testid="piece-blocks">
          {runs.slice(0, MOST_RUNS).map((run) => (
            <li key={run.first} data-kind={run.kind}>
              {runWords(run, nameOf)}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Of a piece of 16 MiB that comes from many; the picture has them all. */
const MOST_RUNS = 100;

function Givers({ title, attempt, testId }: { title: string; attempt: PieceAttemptView; testId: string }) {
  const { pin } = useActions();
  const peers = useApp((state) => selectedDetails(state).peers);
  const nameOf = usePeerName();
  return (
    <section className="pin-section">
      <h3>{title}</h3>
      <ul className="pin-peers" data-testid={testId}>
        {contributorsOf(attempt).map(({ peer, blocks }) => (
          <li key={peer}>
            {peers?.has(peer) === true ? (
              <button type="button" className="link-button" onClick={() => pin({ kind: "peer", peer })}>
                {nameOf(peer)}
              </button>
            ) : (
              <span>{nameOf(peer)}</span>
            )}
            <span className="quiet">{say.counts.blocks(blocks)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hash({ bytes }: { bytes: Uint8Array }) {
  const text = toHex(bytes);
  return (
    <section className="pin-section">
      <div className="section-head">
        <h3>{say.swarm.facts.hash}</h3>
        <CopyButton text={text} what={say.swarm.hash} />
      </div>
      <p className="code pin-hash" data-testid="piece-hash">
        {text}
      </p>
    </section>
  );
}
