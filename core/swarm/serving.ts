import { BLOCK_LENGTH, type Bytes, type PieceIndex } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { InRequest } from "../peer/ports.ts";
import type { Traffic } from "../peer/throttle.ts";
import { trafficOf } from "./allowance.ts";
import type { DiskFault, SwarmDisk } from "./ports.ts";

/** Blocks on their way from the disk to one peer, at most: they hold read-ahead memory. */
const MAX_READING = 32;
/** Bytes on their way to one peer, beyond which nothing more is read for it. */
const MAX_AHEAD: Bytes = 1536 * 1024;
const LEAST_AHEAD: Bytes = 2 * BLOCK_LENGTH;

/** What serving needs of the torrent. */
export interface Servant {
  readonly disk: SwarmDisk;
  readonly traffic: Traffic;
  readonly limits: { limitLocalPeers(): boolean };
  readonly ledger: {
    readonly verified: { has(piece: number): boolean };
    readonly layout: { spaceOf(piece: number): Bytes };
  };
  uploaded: Bytes;
  readFailed(fault: DiskFault): void;
}

/**
 * May one block more be on its way? As much may as leaves within a second: who takes slowly would wait long for what is
 * queued before it, and still get it when choked.
 */
function mayReadAhead({ up, backlog, reading }: Peer): boolean {
  // Half of the rate, which counts what we handed over, and so what only waits longer, too.
  const left = Math.max(up.rate / 2, up.unsampled - backlog);
  return backlog + reading * BLOCK_LENGTH < Math.min(MAX_AHEAD, Math.max(LEAST_AHEAD, left));
}

/** Answers a peer's requests as far as disk, socket and limits let it. Goes on by itself as blocks leave. */
export function serve(swarm: Servant, peer: Peer): void {
  while (peer.requestsIn.length > 0 && peer.reading < MAX_READING && mayReadAhead(peer)) {
    const request = peer.requestsIn[0] as InRequest;
    if (!swarm.ledger.verified.has(request.piece)) {
      // It may have had it from us before a recheck: no offence.
      peer.requestsIn.shift();
      if (peer.supports.fast) peer.sendReject(request);
      continue;
    }
    const { up } = trafficOf(swarm, peer);
    if (up.available(peer.now) <= 0) return;
    up.spend(request.length, peer.now);
    peer.requestsIn.shift();
    peer.reading++;
    swarm.disk.readBlock(request.piece, request.begin, request.length, (result) => {
      peer.reading--;
      if (result.kind === "fault") return swarm.readFailed(result.fault);
      if (peer.isClosed || !peer.mayAsk(request.piece)) {
        result.release();
        if (peer.isClosed || !peer.supports.fast) return;
        peer.sendReject(request);
        peer.flush();
        return;
      }
      swarm.uploaded += request.length;
      peer.sendBlock(request, result.bytes, () => {
        result.release();
        if (!peer.isClosed) serve(swarm, peer);
      });
    });
  }
}

/** Closes a peer whose last request leaves its piece. @returns True when it did. */
export function refuseImpossible(swarm: Servant, peer: Peer): boolean {
  const { piece, begin, length } = peer.requestsIn.at(-1) as InRequest;
  // libtorrent asks for the zeros behind a v2 file, too.
  const pieceLength = swarm.ledger.layout.spaceOf(piece);
  if (begin + length <= pieceLength) return false;
  const detail = `${length} bytes from ${begin} of piece ${piece}, which has ${pieceLength}`;
  peer.close({ reason: "bad-request", by: "us", detail }, peer.now);
  return true;
}

/** It lacks the piece and waits for nothing of ours: it might ask for it as soon as it knows of it. */
export function wouldAskFor(peer: Peer, piece: PieceIndex): boolean {
  if (peer.pieces?.has(piece) === true) return false;
  return !peer.peerIsInterested || (peer.mayAsk(piece) && peer.requestsIn.length + peer.reading === 0);
}
