import type { Endpoint } from "../model/endpoint.ts";
import type { Random } from "../model/random.ts";
import type { Bytes } from "../model/units.ts";
import type { UtpConnection } from "./connection.ts";
import type { ReorderBudget } from "./reorder-buffer.ts";
import type { PacketPool } from "./sent-packets.ts";

/** In-order bytes of one connection are handed over in runs of at most this. */
const RUN_LENGTH: Bytes = 64 * 1024;
/** Runs kept for later: more connections than have news in one turn of the loop. */
const MAX_RUNS = 64;

/** Buffers in which what arrives in one turn is put together. */
export class RunPool {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(RUN_LENGTH);
  }

  give(run: Uint8Array): void {
    if (this.#free.length < MAX_RUNS) this.#free.push(run);
  }
}

/** What the connections of one socket share. */
export interface UtpContext {
  readonly random: Random;
  readonly packets: PacketPool;
  readonly runs: RunPool;
  readonly reordered: ReorderBudget;
  /** Sends a datagram. The bytes may be changed when it returns, unless `packets.mayBeRead` is true by then. */
  send(datagram: Uint8Array, to: Endpoint): void;
  /** The connection has something to send or to hand over: it wants to be flushed soon. */
  touched(connection: UtpConnection): void;
}

/** How a connection ended, when the owner didn't end it. */
export type UtpEnd =
  /** The other side has sent all that it wanted to. */
  | { readonly kind: "finished"; readonly closeReason: number | undefined }
  /** The other side knows nothing of the connection, or wants nothing more of it. */
  | { readonly kind: "reset"; readonly closeReason: number | undefined; readonly wasConnected: boolean }
  /** Nothing came back for `tries` packets in a row. */
  | { readonly kind: "silent"; readonly tries: number; readonly wasConnected: boolean };

/** Whom a connection tells. All may write to it, or end it. */
export interface UtpEvents {
  /** The other side has answered, from its own address. */
  connected(): void;
  /** The next bytes of the stream; valid during the call. */
  received(bytes: Uint8Array): void;
  /** Once, and last; not after `end`. */
  closed(end: UtpEnd): void;
}
