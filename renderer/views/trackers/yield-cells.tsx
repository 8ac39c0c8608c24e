import type { SourceView } from "../../../core/contract/views.ts";
import { formatBytes, formatCount, NOTHING } from "../../format/units.ts";
import { say } from "../../words/say.ts";

/** What a source was good for: peers it gave, how many connected, and what went through them. */
export function YieldCells({ sum }: { sum: SourceView | undefined }) {
  const { peersGiven = 0, connected = 0, connections = 0, payloadDown = 0, payloadUp = 0 } = sum ?? {};
  return (
    <>
      <td data-number data-cell="given">
        {formatCount(peersGiven)}
      </td>
      <td data-number data-cell="connected">
        <span className="two-lines">
          <span>{formatCount(connected)}</span>
          {connections > connected && <span className="quiet">{say.trackers.inAll(connections)}</span>}
        </span>
      </td>
      <td data-number data-cell="payload">
        <span className="two-lines">
          <span title={say.trackers.received}>{payloadDown === 0 ? NOTHING : `↓ ${formatBytes(payloadDown)}`}</span>
          {payloadUp > 0 && (
            <span className="quiet" title={say.trackers.sent}>
              ↑ {formatBytes(payloadUp)}
            </span>
          )}
        </span>
      </td>
    </>
  );
}
