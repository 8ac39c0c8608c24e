import type { Bitfield } from "../../model/bitfield.ts";
import type { PieceLayout } from "../../model/layout.ts";
import type { Bytes, PieceIndex } from "../../model/units.ts";
import type { DiskFault } from "./disk-fault.ts";
import type { Answer, OrderBody } from "./disk-orders.ts";

/** One order checks so much at most: small pieces go together, and others' writes wait 3 ms for it. */
const RUN_BYTES: Bytes = 4 * 1024 * 1024;
/** Orders a worker has at a time: one in work, one ready. */
const ORDERS_PER_WORKER = 2;

type Send = (body: OrderBody, answered: (answer: Answer) => void) => void;

/** Hands the pieces to check to the workers, a few runs of neighbours at a time. */
export class PieceCheck {
  readonly #layout: PieceLayout;
  readonly #hashes: Uint8Array;
  readonly #hashLength: Bytes;
  readonly #mostOrders: number;
  readonly #send: Send;
  readonly #running = new Set<() => void>();

  constructor(layout: PieceLayout, hashes: Uint8Array, workers: number, send: Send) {
    this.#layout = layout;
    this.#hashes = hashes;
    this.#hashLength = hashes.length / layout.pieceCount;
    this.#mostOrders = workers * ORDERS_PER_WORKER;
    this.#send = send;
  }

  /** @returns Cancels: nothing is called after it. */
  start(
    pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
    done: (fault: DiskFault | undefined) => void,
  ): () => void {
    const wanted = pieces.copy();
    const mostPieces = Math.max(1, Math.floor(RUN_BYTES / this.#layout.pieceLength));
    let next = 0;
    let underWay = 0;
    let isOver = false;
    const cancel = () => {
      isOver = true;
      this.#running.delete(cancel);
    };
    const end = (fault: DiskFault | undefined) => {
      cancel();
      done(fault);
    };
    const answered = (first: PieceIndex, { right, fault }: Answer) => {
      underWay--;
      // `each` may cancel.
      for (let i = 0; right && i < right.length && !isOver; i++) each(first + i, right[i] === 1);
      if (isOver) return;
      if (fault) end(fault);
      else refill();
    };
    const refill = () => {
      while (underWay < this.#mostOrders) {
        while (next < wanted.length && !wanted.has(next)) next++;
        if (next === wanted.length) break;
        const first = next;
        while (next < wanted.length && wanted.has(next) && next - first < mostPieces) next++;
        underWay++;
        const hashes = this.#hashes.slice(first * this.#hashLength, next * this.#hashLength);
        this.#send({ kind: "verify", first, hashes, mustExist: false }, (answer) => answered(first, answer));
      }
      if (underWay === 0) end(undefined);
    };
    this.#running.add(cancel);
    if (wanted.isEmpty) queueMicrotask(() => !isOver && end(undefined));
    else refill();
    return cancel;
  }

  cancelAll(): void {
    for (const cancel of [...this.#running]) cancel();
  }
}
