import type { Metainfo } from "../metainfo/metainfo.ts";
import { toHex } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import type { BanProof, GonePeer } from "../model/peer-face.ts";
import { gonePeer } from "../peer/face.ts";
import type { Peer } from "../peer/peer.ts";

/** What proved that peers lie, until they are gone and it is told with them. */
export class Proofs {
  readonly #proofs = new WeakMap<Peer, BanProof>();

  note(peer: Peer, { pieceHashes, pieceCount }: Metainfo, proof: Omit<BanProof, "hash"> | undefined): void {
    if (proof === undefined) return;
    const length = pieceHashes.length / pieceCount;
    const hash = toHex(pieceHashes.subarray(proof.piece * length, (proof.piece + 1) * length));
    this.#proofs.set(peer, { ...proof, hash });
  }

  /** What is remembered of a peer that left. */
  gone(peer: Peer, closing: Closing): GonePeer {
    const proof = closing.reason === "banned" ? this.#proofs.get(peer) : undefined;
    return { ...gonePeer(peer, closing), ...(proof && { proof }) };
  }
}
