import type { Bytes, Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { OutRequest } from "../peer/request-window.ts";
import type { BlockTarget } from "../wire/decoder.ts";
import type { PartialPiece } from "./partial-piece.ts";
import { forgiveSnubbed } from "./patience.ts";
import { mayShare } from "./picker.ts";
import type { PieceLedger } from "./piece-ledger.ts";
import type { StoreResult, SwarmDisk } from "./ports.ts";

/** What receiving needs of the torrent. */
export interface Recipient {
  readonly ledger: PieceLedger;
  readonly peers: ReadonlySet<Peer>;
  readonly disk: SwarmDisk;
  now: Timestamp;
  downloaded: Bytes;
  wasted: Bytes;
  surplus: number;
  /** The disk has stored or refused what came of a piece. */
  stored(partial: PartialPiece, result: StoreResult): void;
}

/** A block comes that was taken back, or dropped with a choke. @returns Whether it is welcome: it is asked for again then. */
export function isStillWanted({ ledger }: Recipient, peer: Peer, { piece, block }: OutRequest): boolean {
  const partial = ledger.partials.get(piece);
  if (partial === undefined || !mayShare(partial, peer) || !partial.askBack(block)) return false;
  ledger.reviewOpen(partial);
  return true;
}

/** @returns Where the block's bytes go: nowhere when they are there already. Nobody else's go there from now on. */
export function placeBlock(swarm: Recipient, peer: Peer, { piece, block }: OutRequest): BlockTarget | undefined {
  const partial = swarm.ledger.partials.get(piece);
  if (partial === undefined || partial.isReceived(block)) return undefined;
  const displaced = partial.place(block, peer.id);
  if (displaced !== undefined) {
    for (const other of swarm.peers) if (other.id === displaced) other.displace(piece, block);
  }
  return partial.target(block);
}

/** A block is whole: it counts, and the part that it completes goes to the disk. */
export function receiveBlock(swarm: Recipient, peer: Peer, request: OutRequest): void {
  const { ledger, disk } = swarm;
  swarm.now = peer.now;
  forgiveSnubbed(peer, request);
  const partial = ledger.partials.get(request.piece);
  if (partial === undefined || !partial.isPlacedBy(request.block, peer.id) || partial.isReceived(request.block)) {
    waste(swarm, peer, request.length);
    return giveBack(swarm, [request]);
  }
  swarm.downloaded += request.length;
  if (partial.askers(request.block) > 1) cancelElsewhere(swarm, peer, request);
  const part = partial.receive(request.block, peer.id);
  if (part === undefined) return;
  if (partial.isWhole) partial.wholeAt = peer.now;
  if (partial.isSinglePart) {
    ledger.beginWriting(partial);
    return disk.storePiece(partial.piece, part.slab, (result) => swarm.stored(partial, result));
  }
  partial.writing++;
  if (partial.isWhole) ledger.beginWriting(partial);
  disk.writePart(partial.piece, part.begin, part.length, part.slab, (result) => {
    partial.writing--;
    partial.partWritten(part.index, disk);
    if (result.kind === "fault") return swarm.stored(partial, result);
    if (!partial.isWhole || partial.writing > 0) return;
    disk.verifyPiece(partial.piece, (verdict) => swarm.stored(partial, verdict));
  });
}

/** Bytes came that are of no use. */
export function waste(swarm: Recipient, peer: Peer, length: Bytes): void {
  peer.wasted += length;
  swarm.wasted += length;
  swarm.surplus++;
}

/** Requests that will not be answered: where nobody else was asked, the blocks are to be had again. */
export function giveBack(swarm: Pick<Recipient, "ledger" | "disk">, requests: readonly OutRequest[]): void {
  for (const request of requests) {
    const partial = swarm.ledger.partials.get(request.piece);
    if (partial?.unask(request.block) !== true) continue;
    if (partial.free === partial.blockCount) drop(swarm, partial);
    else swarm.ledger.reviewOpen(partial);
  }
}

/** What came of the piece is thrown away, and what is asked for taken back. */
export function abandon(swarm: Recipient, partial: PartialPiece): void {
  const { piece } = partial;
  for (let block = 0; block < partial.blockCount; block++) {
    if (partial.isReceived(block)) swarm.wasted += swarm.ledger.layout.blockLength(piece, block);
    else if (partial.isRequested(block)) for (const peer of swarm.peers) peer.cancel(piece, block);
  }
  drop(swarm, partial);
}

/** Nothing is asked for the piece any more. */
export function drop({ ledger, disk }: Pick<Recipient, "ledger" | "disk">, partial: PartialPiece): void {
  partial.dispose(disk);
  ledger.drop(partial);
}

/** The peer's mark of the endgame: something that it is asked for, others are asked for as well. */
export function reviewEndgame({ ledger }: Pick<Recipient, "ledger">, peer: Peer): void {
  const isShared = ({ piece, block }: OutRequest) => (ledger.partials.get(piece)?.askers(block) ?? 0) > 1;
  peer.isEndgame = ledger.isEndgame && peer.window.outstanding.some(isShared);
}

function cancelElsewhere({ peers }: Recipient, peer: Peer, { piece, block }: OutRequest): void {
  for (const other of peers) {
    if (other === peer || !other.window.has(piece, block)) continue;
    other.now = peer.now;
    other.cancel(piece, block);
    other.flush();
  }
}
