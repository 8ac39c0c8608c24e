import { X } from "lucide-react";
import type { ReactNode } from "react";
import type { GonePeer } from "../../../core/contract/views.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { BanProof } from "../../../core/model/peer-face.ts";
import { formatBytes, formatDuration, formatMoment, NOTHING } from "../../format/units.ts";
import { capitalised, closerWords, connectionWords, reasonWords } from "../../format/words.ts";
import { say } from "../../words/say.ts";
import { IconButton } from "../parts/buttons.tsx";
import { Flags } from "../peers/flags.tsx";
import { GoneButtons } from "./gone-buttons.tsx";

/** All that is remembered of one who is gone, in words. */
export function GoneDetails({
  peer,
  isOfTorrent,
  onClose,
}: {
  peer: GonePeer;
  isOfTorrent: boolean;
  onClose: () => void;
}) {
  const { gone } = say;
  const address = formatEndpoint(peer);
  return (
    <section className="gone-details" aria-label={gone.details(address)} data-testid="gone-details">
      <header>
        <p className="ellipsis gone-name">
          {address} <span className="quiet">{peer.client}</span>
        </p>
        {isOfTorrent && <GoneButtons peer={peer} />}
        <IconButton icon={X} words={gone.close} data-testid="gone-details-close" onClick={onClose} />
      </header>
      <dl>
        <Fact name={gone.why}>
          {reasonWords(peer.reason)}: {peer.detail}
        </Fact>
        {peer.proof !== undefined && (
          <Fact name={gone.proof}>
            <Proof proof={peer.proof} />
          </Fact>
        )}
        <Fact name={gone.by}>{capitalised(closerWords(peer.by))}</Fact>
        <Fact name={gone.code}>
          <code>
            {peer.reason} {peer.code}
          </code>
        </Fact>
        <Fact name={gone.left}>{formatMoment(peer.at)}</Fact>
        <Fact name={gone.stayed}>
          {peer.connectedAt === undefined ? NOTHING : formatDuration(peer.at - peer.connectedAt)}
        </Fact>
        <Fact name={gone.connection}>{capitalised(connectionWords(peer))}</Fact>
        <Fact name={gone.sources}>{peer.sources.map((kind) => say.values.sources[kind]).join(", ") || NOTHING}</Fact>
        <Fact name={gone.got}>{formatBytes(peer.payloadDown)}</Fact>
        <Fact name={gone.gave}>{formatBytes(peer.payloadUp)}</Fact>
        <Fact name={gone.flags}>
          <Flags letters={peer.flags} />
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Proof({ proof: { piece, hash, block } }: { proof: BanProof }) {
  const { gone } = say;
  return (
    <span className="gone-proof" data-testid="gone-proof">
      <span>{block === undefined ? gone.falsePiece(piece) : gone.falseBlock(block.index, piece)}</span>
      <span>
        {gone.hash} <code>{hash}</code>
      </span>
      {block !== undefined && <span>{gone.sums(hex(block.gave), hex(block.right))}</span>}
    </span>
  );
}

/** 32 bits as eight digits. */
function hex(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}
