import type { PieceIndex, Timestamp } from "../model/units.ts";
import type { CipherKit } from "../peer/cipher-link.ts";
import { Peer } from "../peer/peer.ts";
import type { PeerLink } from "../peer/ports.ts";
import type { GapRun } from "./picker.ts";
import type { WebSeedAddress } from "./web-seed-urls.ts";

/**
 * A web seed as the peer that it is to a torrent: it has every piece, never chokes and wants nothing. It is asked for
 * blocks, counted, limited, snubbed and blamed like anybody; but it greets nobody, and nothing is said to it besides.
 *
 * @see BEP 17, BEP 19
 */
export class WebSeed extends Peer {
  readonly address: WebSeedAddress;
  readonly run: GapRun = { next: 0 };

  constructor(id: number, address: WebSeedAddress, cipher: CipherKit, now: Timestamp) {
    const { hostname, port, protocol } = new URL(address.url);
    const host = hostname.replace(/^\[|\]$/g, "");
    const endpoint = { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
    const source = { kind: "web-seed", url: address.url } as const;
    super({ id, endpoint, direction: "outgoing", transport: "web", source, cipher, now });
    this.client = "Web seed";
    this.address = address;
  }

  override connected(link: PeerLink, now: Timestamp): void {
    this.connectedToSeed(link, now);
  }

  override tick(now: Timestamp): void {
    // No word of ours keeps it alive.
    this.lastSentAt = now;
    super.tick(now);
  }

  override setChoke(_choke: boolean): void {}

  override sendBare(_id: number): void {}

  override sendPiece(_id: number, _piece: PieceIndex): void {}
}
