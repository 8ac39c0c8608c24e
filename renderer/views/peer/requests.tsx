import type { ReactNode } from "react";
import { type GivenPiece, REQUEST_FIELDS, type RequestsView } from "../../../core/contract/peer-life.ts";
import type { Timestamp } from "../../../core/model/units.ts";
import { formatClock, formatCount, formatDistance } from "../../format/units.ts";
import { say } from "../../words/say.ts";

/** The request queues of both sides, and the pieces that the peer gave blocks of. */
export function Requests({
  requests,
  given,
  now,
}: {
  requests: RequestsView | undefined;
  given: readonly GivenPiece[];
  now: Timestamp;
}) {
  const { ours = [], ourCount = 0, its = [], itsCount = 0, reading = 0 } = requests ?? {};
  return (
    <div className="requests">
      <Queue title={say.peer.ourRequests} testId="requests-ours" numbers={ours} count={ourCount} now={now} />
      <Queue title={say.peer.itsRequests} testId="requests-its" numbers={its} count={itsCount} now={now}>
        {reading > 0 && <p className="quiet">{say.peer.reading(reading)}</p>}
      </Queue>
      <section>
        <h3>{say.peer.given}</h3>
        {given.length === 0 ? (
          <p className="quiet">{say.peer.noneGiven}</p>
        ) : (
          <table className="life-table">
            <thead>
              <tr>
                <th data-number>{say.peer.piece}</th>
                <th>{say.peer.when}</th>
                <th>{say.peer.share}</th>
                <th>{say.peer.outcome}</th>
              </tr>
            </thead>
            <tbody>
              {given.map(({ piece, at, blocks, of, others, isRight }) => (
                <tr key={`${piece} ${at}`} data-testid="given-piece" data-piece={piece} data-right={isRight}>
                  <td data-number>{formatCount(piece)}</td>
                  <td>{formatClock(at)}</td>
                  <td>{say.peer.blocksOf(blocks, of, others)}</td>
                  <td className="outcome" data-right={isRight}>
                    {isRight ? say.peer.right : say.peer.failed}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

function Queue({
  title,
  testId,
  numbers,
  count,
  now,
  children,
}: {
  title: string;
  testId: string;
  numbers: readonly number[];
  count: number;
  now: Timestamp;
  children?: ReactNode;
}) {
  const rows: number[][] = [];
  for (let at = 0; at < numbers.length; at += REQUEST_FIELDS) rows.push(numbers.slice(at, at + REQUEST_FIELDS));
  return (
    <section data-testid={testId} data-count={count}>
      <h3>
        {title} <span className="quiet">{formatCount(count)}</span>
      </h3>
      {rows.length === 0 && <p className="quiet">{say.peer.noneAsked}</p>}
      {children}
      {rows.length > 0 && (
        <table className="life-table">
          <thead>
            <tr>
              <th data-number>{say.peer.piece}</th>
              <th data-number>{say.peer.offset}</th>
              <th data-number>{say.peer.length}</th>
              <th>{say.peer.asked}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([piece = 0, begin = 0, length = 0, at = 0]) => (
              <tr key={`${piece} ${begin} ${at}`}>
                <td data-number>{formatCount(piece)}</td>
                <td data-number>{formatCount(begin)}</td>
                <td data-number>{formatCount(length)}</td>
                <td>{formatDistance(at, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {count > rows.length && <p className="quiet">{say.peer.moreAsked(count - rows.length)}</p>}
    </section>
  );
}
