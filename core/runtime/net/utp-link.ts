import type { Bytes, Timestamp } from "../../model/units.ts";
import type { PeerLink } from "../../peer/ports.ts";
import type { UtpConnection } from "../../utp/connection.ts";

/** A uTP connection as a peer's link. */
export class UtpLink implements PeerLink {
  readonly #connection: UtpConnection;
  readonly #now: () => Timestamp;

  constructor(connection: UtpConnection, now: () => Timestamp) {
    this.#connection = connection;
    this.#now = now;
  }

  get backlog(): Bytes {
    return this.#connection.backlog;
  }

  send(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    if (block.length === 0) return this.#connection.write(header, released);
    this.#connection.write(header);
    this.#connection.write(block, released);
  }

  close(isAbrupt: boolean, closeReason: number): void {
    this.#connection.end(closeReason, isAbrupt, this.#now());
  }
}
