import type { GonePeer, PeerView } from "../../../core/contract/views.ts";
import type { Timestamp } from "../../../core/model/units.ts";
import { handshakeTree } from "../../format/handshake-tree.ts";
import { peerFacts } from "../../format/peer-facts.ts";
import { reservedBits } from "../../format/reserved-bits.ts";
import { formatBytes, formatDistance, formatDuration, formatMoment } from "../../format/units.ts";
import { say } from "../../words/say.ts";

/** Who the peer is: every property, its reserved bits one by one, its extension handshake, and its earlier visits. */
export function Identity({
  peer,
  pieceCount,
  visits,
  now,
}: {
  peer: PeerView;
  pieceCount: number;
  visits: readonly GonePeer[];
  now: Timestamp;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="peer-page-scroll" tabIndex={0} aria-label={say.peer.parts.identity}>
      <div className="identity">
        {peer.reserved !== undefined && <ReservedBits bytes={peer.reserved} />}
        <section data-testid="handshake-tree">
          <h3>{say.peer.handshakeTree}</h3>
          <HandshakeTree text={peer.extensionHandshake} />
        </section>
        <section>
          <h3>{say.peer.visits}</h3>
          <Visits visits={visits} now={now} />
        </section>
        {peerFacts(peer, pieceCount, now).map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl className="facts">
              {group.facts.map(({ property, title, value, isCode }) => (
                <div key={property} className="facts-line" data-testid="page-fact" data-property={property}>
                  <dt>{title}</dt>
                  <dd className={isCode ? "code" : undefined}>{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </section>
  );
}

function ReservedBits({ bytes }: { bytes: Uint8Array }) {
  const bits = reservedBits(bytes);
  const set = bits.filter(({ isSet }) => isSet);
  return (
    <section>
      <h3>{say.peer.reservedBits}</h3>
      <div className="bits-line">
        <div className="bits" role="img" aria-label={say.peer.reservedNote} data-testid="reserved-bits">
          {bits.map(({ byte, mask, isSet, name }) => (
            <span
              key={`${byte} ${mask}`}
              className="bit"
              data-set={isSet}
              data-known={name !== ""}
              title={say.peer.bit(byte, mask, isSet, name)}
            />
          ))}
        </div>
        {set.length === 0 && <p className="quiet">{say.peer.noBits}</p>}
        {set.length > 0 && (
          <ul className="bit-words">
            {set.map(({ byte, mask, name }) => (
              <li key={`${byte} ${mask}`} data-testid="reserved-bit" data-bit={`${byte}:${mask}`}>
                <span className="code quiet">{`${byte}:${mask}`}</span> {name === "" ? say.peer.bits.unknown : name}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function HandshakeTree({ text }: { text: string | undefined }) {
  if (text === undefined) return <p className="quiet">{say.peer.noHandshake}</p>;
  return (
    <ul className="tree">
      {handshakeTree(text).map(({ depth, key, value }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: keys may repeat, and the tree is replaced as a whole
        <li key={place} style={{ paddingInlineStart: depth * 18 }}>
          <span className="tree-key">{key}</span>
          <span className="code">{value}</span>
        </li>
      ))}
    </ul>
  );
}

function Visits({ visits, now }: { visits: readonly GonePeer[]; now: Timestamp }) {
  if (visits.length === 0) return <p className="quiet">{say.peer.noVisits}</p>;
  return (
    <ol className="visits">
      {visits.map(({ peer, at, connectedAt, detail, reason, payloadDown, payloadUp }) => (
        <li key={peer} data-testid="visit" data-reason={reason}>
          <p>
            <span title={formatMoment(at)}>{formatDistance(at, now)}</span>
            <span className="quiet">
              {connectedAt === undefined ? say.peer.notConnected : say.peer.stayed(formatDuration(at - connectedAt))}
            </span>
            <span className="quiet">{say.peer.exchanged(formatBytes(payloadDown), formatBytes(payloadUp))}</span>
          </p>
          <p>{`${say.values.reasons[reason]}: ${detail}`}</p>
        </li>
      ))}
    </ol>
  );
}
