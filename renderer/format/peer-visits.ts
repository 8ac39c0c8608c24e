import type { GonePeer, PeerView } from "../../core/contract/views.ts";
import { bytesEqual } from "../../core/model/bytes.ts";

/** Earlier connections with whoever this is, by its address or its id, the newest first. */
export function visitsOf(
  peer: Pick<PeerView, "id" | "host" | "port" | "peerId">,
  gone: readonly GonePeer[],
): GonePeer[] {
  const isSame = (one: GonePeer) =>
    (one.host === peer.host && one.port === peer.port) ||
    (one.peerId !== undefined && peer.peerId !== undefined && bytesEqual(one.peerId, peer.peerId));
  return gone.filter((one) => one.peer !== peer.id && isSame(one)).reverse();
}
