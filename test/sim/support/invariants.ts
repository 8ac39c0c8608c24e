import type { Peer } from "../../../core/peer/peer.ts";
import type { Session } from "../../../core/session/session.ts";
import type { Swarm } from "../../../core/swarm/swarm.ts";

function claim(holds: boolean, words: () => string): void {
  if (!holds) throw new Error(words());
}

/**
 * What must hold of a session between any two events.
 * @param mayLosePieces - Peers may tell of fewer pieces than before.
 */
export function checkSession(session: Session, mayLosePieces = false): void {
  for (const torrent of session.torrents.values()) {
    checkSwarm(torrent.swarm, mayLosePieces);
    claim(
      torrent.swarm.isRunning === (torrent.activity.kind === "running"),
      () => `runs while ${torrent.activity.kind}`,
    );
    for (const gone of torrent.gone) claim(gone.detail.length > 0, () => `${gone.host} is gone without a word`);
  }
}

function checkSwarm(swarm: Swarm, mayLosePieces: boolean): void {
  const { ledger, rarest } = swarm;
  const counts = new Uint16Array(ledger.layout.pieceCount);
  for (const peer of swarm.peers) {
    claim(!peer.isClosed, () => `${peer.host} is closed and still here`);
    checkPeer(swarm, peer, mayLosePieces);
    if (peer.openedAt !== undefined)
      peer.pieces?.forEach((piece) => {
        counts[piece] = (counts[piece] as number) + 1;
      });
  }
  let missing = 0;
  for (let piece = 0; piece < counts.length; piece++) {
    claim(
      rarest.availability(piece) === counts[piece],
      () => `piece ${piece}: ${rarest.availability(piece)} have it, in truth ${counts[piece]}`,
    );
    if (ledger.needs(piece)) missing++;
  }
  claim(missing === ledger.missingWanted, () => `${ledger.missingWanted} pieces missing, in truth ${missing}`);
  for (const partial of ledger.partials.values()) {
    const asked = new Uint8Array(partial.blockCount);
    for (const peer of swarm.peers) {
      for (const request of peer.window.outstanding) {
        if (request.piece === partial.piece) asked[request.block] = (asked[request.block] as number) + 1;
      }
    }
    let free = 0;
    for (let block = 0; block < partial.blockCount; block++) {
      if (partial.isReceived(block)) continue;
      const askers = partial.isRequested(block) ? partial.askers(block) : 0;
      if (askers === 0) free++;
      claim(
        askers === asked[block],
        () => `block ${block} of piece ${partial.piece}: ${askers} askers, in truth ${asked[block]}`,
      );
    }
    claim(free === partial.free, () => `piece ${partial.piece}: ${partial.free} blocks free, in truth ${free}`);
    claim(free < partial.blockCount, () => `piece ${partial.piece} is begun without a block`);
    claim(ledger.open.has(partial) === free > 0, () => `piece ${partial.piece} is ${free > 0 ? "not " : ""}open`);
    claim(!ledger.verified.has(partial.piece), () => `piece ${partial.piece} is verified and partial`);
  }
}

function checkPeer(swarm: Swarm, peer: Peer, mayLosePieces: boolean): void {
  if (peer.phase !== "open") {
    claim(!peer.weAreInterested, () => `interested in ${peer.host} before it is open`);
    return;
  }
  let wanted = 0;
  peer.pieces?.forEach((piece) => {
    if (swarm.ledger.needs(piece)) wanted++;
  });
  claim(wanted === peer.wantedPieces, () => `${peer.host} has ${peer.wantedPieces} wanted pieces, in truth ${wanted}`);
  claim(
    peer.weAreInterested === wanted > 0,
    () => `${peer.host}: interest ${peer.weAreInterested} with ${wanted} wanted pieces`,
  );
  const seen = new Set<string>();
  for (const { piece, block } of peer.window.outstanding) {
    claim(!seen.has(`${piece}:${block}`), () => `block ${block} of piece ${piece} is asked twice of ${peer.host}`);
    seen.add(`${piece}:${block}`);
    claim(
      swarm.ledger.partials.get(piece)?.isRequested(block) === true,
      () => `${peer.host} is asked for block ${block} of piece ${piece} for nothing`,
    );
    claim(
      mayLosePieces || peer.pieces?.has(piece) === true,
      () => `${peer.host} is asked for piece ${piece}, which it has not`,
    );
  }
  claim(peer.weChoke || peer.requestsIn.length <= 500, () => `${peer.requestsIn.length} requests wait`);
  claim(
    peer.requestsIn.every(({ piece }) => peer.mayAsk(piece)),
    () => `${peer.host} waits for what it may not ask`,
  );
}
