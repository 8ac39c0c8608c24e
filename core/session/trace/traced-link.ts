import { fnv1a } from "../../model/bytes.ts";
import type { Bytes } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { PeerLink } from "../../peer/ports.ts";
import type { Boundary } from "./boundary.ts";
import type { Fields } from "./line.ts";

/** Of a block that is sent this much is summed: the head of its message. The rest is payload. */
const BLOCK_HEAD: Bytes = 13;

/** A link whose traffic is recorded. What is sent is told by its length and a sum; its messages have lines of their own. */
export class TracedLink implements PeerLink {
  /** Undefined while a connection is being accepted. */
  peer: number | undefined;
  readonly #boundary: Boundary<Peer>;
  readonly #link: PeerLink;
  #backlog: Bytes = 0;

  constructor(boundary: Boundary<Peer>, link: PeerLink, peer?: number) {
    this.#boundary = boundary;
    this.#link = link;
    this.peer = peer;
  }

  get backlog(): Bytes {
    const bytes = this.#link.backlog;
    if (bytes !== this.#backlog) {
      this.#backlog = bytes;
      this.#boundary.tell("order", "backlog", this.#fields({ bytes }));
    }
    return bytes;
  }

  send(bytes: Uint8Array): void {
    const fields = this.#fields({ bytes: bytes.length, sum: fnv1a(bytes) });
    this.#boundary.order("send", fields, () => this.#link.send(bytes));
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    const order = this.#boundary.nextOrder();
    const sum = fnv1a(header.subarray(0, BLOCK_HEAD));
    const fields = this.#fields({ bytes: header.length + block.length, sum, order });
    const told = () => this.#boundary.enter("released", undefined, () => ({ order }), released);
    this.#boundary.order("send-block", fields, () => this.#link.sendBlock(header, block, told));
  }

  close(isAbrupt: boolean, closeReason: number): void {
    this.#boundary.order("close", this.#fields({ isAbrupt, closeReason }), () =>
      this.#link.close(isAbrupt, closeReason),
    );
  }

  #fields(fields: Fields): Fields {
    return this.peer === undefined ? fields : { peer: this.peer, ...fields };
  }
}
