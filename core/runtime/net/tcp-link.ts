import type { Socket } from "node:net";
import type { Bytes, Millis } from "../../model/units.ts";
import type { PeerLink } from "../../peer/ports.ts";

/** A peer that doesn't read what we still have for it is not waited for longer than this. */
const LINGER: Millis = 5_000;

/** A TCP socket as a peer's link. */
export class TcpLink implements PeerLink {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  get backlog(): Bytes {
    return this.#socket.writableLength;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    if (!this.#socket.writable) return released();
    this.#socket.cork();
    this.#socket.write(header);
    // Also called when the socket is destroyed with the block still waiting.
    this.#socket.write(block, () => released());
    this.#socket.uncork();
  }

  close(isAbrupt: boolean): void {
    if (isAbrupt) {
      this.#socket.destroy();
      return;
    }
    this.#socket.destroySoon();
    this.#socket.setTimeout(LINGER, () => this.#socket.destroy());
  }
}
