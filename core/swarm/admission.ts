import { bytesEqual, compareBytes } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import type { Peer } from "../peer/peer.ts";
import type { Residence } from "../peer/ports.ts";
import type { BanList } from "./ban-list.ts";

/** libtorrent's `close_reason_t::port_blocked`. */
const PORT_BLOCKED = 4;

/** Why one connection of two must end, and which. */
export interface Refusal {
  readonly peer: Peer;
  readonly closing: Closing;
}

/** Judges a peer by its id, which its handshake just told: it may be ourselves, banned, or here already. */
export function judgeIdentity(
  peer: Peer,
  peers: Iterable<Peer>,
  { ourPeerId }: Residence,
  bans: BanList,
): Refusal | undefined {
  const peerId = peer.peerId as Uint8Array;
  if (bytesEqual(peerId, ourPeerId)) {
    return { peer, closing: { reason: "self", by: "us", detail: "it answered with our own peer id" } };
  }
  const ban = bans.against(peer, peerId);
  if (ban !== undefined) return { peer, closing: { reason: "banned", by: "us", detail: ban.evidence } };
  for (const other of peers) {
    if (other === peer || other.peerId === undefined || !bytesEqual(other.peerId, peerId)) continue;
    const detail = `peer id ${printable(peerId)} is connected as ${other.host}:${other.port}`;
    // When both dial, the connection dialled by the higher peer id stays.
    const staying = compareBytes(ourPeerId, peerId) > 0 ? "outgoing" : "incoming";
    const leaves = other.direction === peer.direction || other.direction === staying ? peer : other;
    return { peer: leaves, closing: { reason: "already-connected", by: "us", detail } };
  }
  return undefined;
}

/** The address filter has it. */
export function blocked(host: string): Closing {
  return { reason: "blocked", by: "us", detail: `${host} is in the address filter` };
}

/** The port filter has the port that we dialled. */
export function blockedPort(port: number): Closing {
  return { reason: "blocked", by: "us", detail: `port ${port} is in the port filter`, closeReason: PORT_BLOCKED };
}

/** The first eight bytes, which name the client. */
function printable(peerId: Uint8Array): string {
  return String.fromCharCode(...peerId.subarray(0, 8)).replace(/[^\x20-\x7e]/g, "·");
}
