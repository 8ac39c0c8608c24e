import type { SourceView } from "../../../core/contract/views.ts";
import { formatBytes, formatCount, NOTHING } from "../../format/units.ts";

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
          {connections > connected && <span className="quiet">{formatCount(connections)} in all</span>}
        </span>
      </td>
      <td data-number data-cell="payload">
        <span className="two-lines">
          <span title="Received">{payloadDown === 0 ? NOTHING : `↓ ${formatBytes(payloadDown)}`}</span>
          {payloadUp > 0 && (
            <span className="quiet" title="Sent">
              ↑ {formatBytes(payloadUp)}
            </span>
          )}
        </span>
      </td>
    </>
  );
}
