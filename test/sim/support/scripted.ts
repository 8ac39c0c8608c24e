import type { Closing } from "../../../core/model/close-reason.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { encodeHandshake } from "../../../core/wire/handshake.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import type { Machine } from "./world.ts";

/** One message that the session sent: its id, and its integers of 32 bits. */
export interface Said {
  readonly id: number;
  readonly payload: Buffer;
  readonly at: number;
}

const EXTENDED_AND_FAST = [0, 0, 0, 0, 0, 0x10, 0, 4];

/** A peer whose every byte the test chooses, connected to a machine of the simulation without a network between. */
export class ScriptedPeer implements PeerLink {
  readonly machine: Machine;
  readonly peer: Peer;
  readonly said: Said[] = [];
  /** What it was answered first. */
  handshake: Uint8Array = new Uint8Array(0);
  backlog = 0;
  isClosed = false;
  onMessage: (said: Said) => void = () => {};
  #held = Buffer.alloc(0);
  #hasHandshake = false;

  /**
   * @param host - Its address; one of a private network unless given.
   * @param infoHash - What it calls the torrent.
   */
  constructor(
    machine: Machine,
    number: number,
    reserved: readonly number[] = EXTENDED_AND_FAST,
    host?: string,
    infoHash: Uint8Array = Buffer.from(machine.torrent.id, "hex"),
  ) {
    this.machine = machine;
    const endpoint = { host: host ?? `10.8.0.${number}`, port: 5000 + number };
    this.peer = machine.session.accept(endpoint, "tcp", this, machine.now);
    const peerId = Buffer.from(`-XX0001-${String(number).padStart(12, "0")}`);
    this.hear(encodeHandshake({ reserved: Uint8Array.from(reserved), infoHash, peerId }));
  }

  /** What it says now. */
  say(write: (writer: MessageWriter) => void): void {
    const writer = new MessageWriter();
    write(writer);
    this.hear(writer.take());
  }

  hear(bytes: Uint8Array): void {
    this.peer.receive(new Uint8Array(bytes), this.machine.now);
  }

  hangUp(): void {
    this.isClosed = true;
    const closing: Closing = { reason: "closed-by-peer", by: "peer", detail: "it ended the connection" };
    this.peer.disconnected(closing, this.machine.now);
  }

  /** Messages with this id that it was sent. */
  heard(id: number): Said[] {
    return this.said.filter((said) => said.id === id);
  }

  // PeerLink.

  send(bytes: Uint8Array): void {
    if (this.isClosed) throw new Error("a closed link is asked to send");
    this.#held = Buffer.concat([this.#held, bytes]);
    if (!this.#hasHandshake && this.#held.length >= 68) {
      this.#hasHandshake = true;
      this.handshake = this.#held.subarray(0, 68);
      this.#held = this.#held.subarray(68);
    }
    while (this.#hasHandshake && this.#held.length >= 4) {
      const length = this.#held.readUInt32BE(0);
      if (this.#held.length < 4 + length) return;
      const body = this.#held.subarray(4, 4 + length);
      this.#held = this.#held.subarray(4 + length);
      const said = { id: length === 0 ? -1 : (body[0] as number), payload: body.subarray(1), at: this.machine.now };
      this.said.push(said);
      // As over a network: the answer comes after the turn.
      this.machine.world.clock.after(1, () => {
        if (!this.isClosed) this.onMessage(said);
      });
    }
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    this.send(Buffer.concat([header, block]));
    released();
  }

  close(): void {
    this.isClosed = true;
  }
}
