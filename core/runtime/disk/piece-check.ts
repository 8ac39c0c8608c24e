import type { Bitfield } from "../../model/bitfield.ts";
import type { PieceLayout } from "../../model/layout.ts";
import type { Bytes, PieceIndex } from "../../model/units.ts";
import type { DiskFault } from "./disk-fault.ts";
import { type Answer, type OrderBody, PIECE_HASH_LENGTH } from "./disk-orders.ts";

/** One order checks so much at most: small pieces go together, and others' writes wait 3 ms for it. */
const RUN_BYTES: Bytes = 4 * 1024 * 1024;
/** Orders a worker has at a time: one in work, one ready. */
const ORDERS_PER_WORKER = 2;

type Send = (body: OrderBody, answered: (answer: Answer) => void) => void;

/** Hands the pieces to check to the workers, a few runs of neighbours at a time. */
export class PieceCheck {
  readonly #layout: PieceLayout;
  readonly #hashes: Uint8Array;
  readonly #mostOrders: number;
  readonly #send: Send;
  readonly #running = new Set<{ cancel(): void }>();

  constructor(layout: PieceLayout, hashes: Uint8Array, workers: number, send: Send) {
    this.#layout = layout;
    this.#hashes = hashes;
    this.#mostOrders = workers * ORDERS_PER_WORKER;
    this.#send = send;
  }

  start(
    pieces: Bitfield,
    each: (piece: PieceIndex, isRight: boolean) => void,
  ): { done: Promise<DiskFault | undefined>; cancel(): void } {
    const wanted = pieces.copy();
    const mostPieces = Math.max(1, Math.floor(RUN_BYTES / this.#layout.pieceLength));
    let next = 0;
    let underWay = 0;
    let isOver = false;
    let resolve: (fault: DiskFault | undefined) => void = () => {};
    const done = new Promise<DiskFault | undefined>((settle) => {
      resolve = settle;
    });
    const end = (fault?: DiskFault) => {
      isOver = true;
      this.#running.delete(run);
      resolve(fault);
    };
    const answered = (first: PieceIndex, answer: Answer) => {
      underWay--;
      if (isOver) return;
      if (answer.fault) {
        end(answer.fault);
        return;
      }
      answer.right?.forEach((right, index) => {
        if (!isOver) each(first + index, right === 1);
      });
      // `each` may have cancelled.
      if (!isOver) refill();
    };
    const refill = () => {
      while (underWay < this.#mostOrders) {
        while (next < wanted.length && !wanted.has(next)) next++;
        if (next === wanted.length) break;
        const first = next;
        while (next < wanted.length && wanted.has(next) && next - first < mostPieces) next++;
        underWay++;
        const hashes = this.#hashes.slice(first * PIECE_HASH_LENGTH, next * PIECE_HASH_LENGTH);
        this.#send({ kind: "verify", first, hashes, mustExist: false }, (answer) => answered(first, answer));
      }
      if (underWay === 0) end();
    };
    const run = {
      done,
      cancel: () => {
        if (!isOver) end();
      },
    };
    this.#running.add(run);
    refill();
    return run;
  }

  cancelAll(): void {
    for (const run of [...this.#running]) run.cancel();
  }
}
