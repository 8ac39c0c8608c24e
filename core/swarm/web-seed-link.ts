import { readUint32, writeUint32 } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import type { PieceLayout } from "../model/layout.ts";
import type { Bytes, Millis, PieceIndex } from "../model/units.ts";
import type { PeerLink } from "../peer/ports.ts";
import { MESSAGE } from "../wire/message-id.ts";
import type { RangeOrder, WebSeedUrls, Zeros } from "./web-seed-urls.ts";

/** Why a request gave nothing, or not all. */
export interface RangeFault {
  readonly words: string;
  /** Who is to blame: the server, or what lies between it and us. */
  readonly by: "peer" | "network";
  /** It wants to be left alone for so long. */
  readonly retryAfter?: Millis;
}

/** What comes of one request: bytes, as many as were asked for and no more, then its end. */
export interface RangeEvents {
  /** Valid during the call only. */
  received(bytes: Uint8Array): void;
  /** @param fault - Undefined: all came that was asked for. */
  ended(fault: RangeFault | undefined): void;
}

/** The HTTP client of one web seed. */
export interface RangeSource {
  /** Makes the request. @returns Gives it up: nothing is reported after it. */
  fetch(order: RangeOrder, events: RangeEvents): () => void;
  /** Nothing more is asked of it. */
  close(): void;
}

/** What the peer above is told. */
interface WebSeedEvents {
  /** `chunk` is valid during the call only. */
  received(chunk: Uint8Array): void;
  ended(closing: Closing): void;
}

/** While one answer comes, the next is on its way; one at a time until the server has shown that it serves us. */
const MAX_FETCHES = 2;
const BLOCK_HEAD: Bytes = 13;

interface Ask {
  readonly piece: PieceIndex;
  readonly begin: Bytes;
  readonly length: Bytes;
  isTakenBack: boolean;
}

/** Blocks that lie one behind the other, and what is still to be requested for them. */
interface Fetch {
  readonly asks: Ask[];
  readonly orders: (RangeOrder | Zeros)[];
  /** Of the first of `asks`: the head of its message, and what has come. */
  message: Uint8Array;
  at: Bytes;
  abort: (() => void) | undefined;
}

/**
 * What stands between a web seed and the peer that it is to the torrent: requests of blocks become requests of ranges,
 * over as many files as they reach, and what comes goes up as blocks. Nothing else that peers say means anything here.
 *
 * Only whole blocks go up, so that two answers may come at once. Waiting asks that lie one behind the other go out as one.
 *
 * @see BEP 17, BEP 19
 */
export class WebSeedLink implements PeerLink {
  readonly backlog = 0;
  readonly #urls: WebSeedUrls;
  readonly #layout: PieceLayout;
  readonly #staysInPiece: boolean;
  readonly #source: RangeSource;
  readonly #events: WebSeedEvents;
  #waiting: Ask[] = [];
  readonly #fetches = new Set<Fetch>();
  #hasServed = false;
  #isClosed = false;

  /** @param staysInPiece - One request is of one piece (BEP 17). */
  constructor(
    urls: WebSeedUrls,
    layout: PieceLayout,
    staysInPiece: boolean,
    source: RangeSource,
    events: WebSeedEvents,
  ) {
    this.#urls = urls;
    this.#layout = layout;
    this.#staysInPiece = staysInPiece;
    this.#source = source;
    this.#events = events;
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 4 + readUint32(bytes, at)) {
      const id = bytes[at + 4];
      if (id !== MESSAGE.request && id !== MESSAGE.cancel) continue;
      const piece = readUint32(bytes, at + 5);
      const begin = readUint32(bytes, at + 9);
      if (id === MESSAGE.cancel) this.#takeBack(piece, begin);
      else this.#waiting.push({ piece, begin, length: readUint32(bytes, at + 13), isTakenBack: false });
    }
    this.#pump();
  }

  sendBlock(_header: Uint8Array, _block: Uint8Array, released: () => void): void {
    released();
  }

  close(): void {
    this.#isClosed = true;
    for (const { abort } of this.#fetches) abort?.();
    this.#fetches.clear();
    this.#waiting = [];
    this.#source.close();
  }

  #takeBack(piece: PieceIndex, begin: Bytes): void {
    this.#waiting = this.#waiting.filter((ask) => ask.piece !== piece || ask.begin !== begin);
    for (const fetch of this.#fetches) {
      for (const ask of fetch.asks) if (ask.piece === piece && ask.begin === begin) ask.isTakenBack = true;
      if (fetch.asks.length === 0 || fetch.asks.some(({ isTakenBack }) => !isTakenBack)) continue;
      fetch.abort?.();
      this.#fetches.delete(fetch);
    }
  }

  #pump(): void {
    while (!this.#isClosed && this.#waiting.length > 0 && this.#fetches.size < (this.#hasServed ? MAX_FETCHES : 1)) {
      const asks = this.#nextRun();
      const [first] = asks as [Ask];
      const length = asks.reduce((sum, ask) => sum + ask.length, 0);
      const orders = this.#urls.orders(first.piece, first.begin, length);
      const fetch: Fetch = { asks, orders, message: messageOf(first), at: BLOCK_HEAD, abort: undefined };
      this.#fetches.add(fetch);
      this.#next(fetch);
    }
  }

  /** Takes what waits first, and what follows it in the torrent. */
  #nextRun(): Ask[] {
    const run: Ask[] = [];
    let end = 0;
    while (this.#waiting.length > 0) {
      const ask = this.#waiting[0] as Ask;
      const offset = this.#layout.pieceOffset(ask.piece) + ask.begin;
      const isNext = run.length === 0 || (offset === end && !(this.#staysInPiece && ask.begin === 0));
      if (!isNext) break;
      end = offset + ask.length;
      run.push(ask);
      this.#waiting.shift();
    }
    return run;
  }

  /** The next request of a fetch; when there is none, it is over. */
  #next(fetch: Fetch): void {
    fetch.abort = undefined;
    const order = fetch.orders.shift();
    if (order === undefined) {
      this.#fetches.delete(fetch);
      return this.#pump();
    }
    if ("zeros" in order) {
      this.#take(fetch, new Uint8Array(order.zeros));
      if (this.#fetches.has(fetch)) this.#next(fetch);
      return;
    }
    let isOver = false;
    const abort = this.#source.fetch(order, {
      received: (bytes) => this.#take(fetch, bytes),
      ended: (fault) => {
        isOver = true;
        if (!this.#fetches.has(fetch)) return;
        if (fault !== undefined) return this.#fail(fault);
        this.#hasServed = true;
        this.#next(fetch);
      },
    });
    if (!isOver) fetch.abort = abort;
  }

  #take(fetch: Fetch, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#fetches.has(fetch)) {
      const { message } = fetch;
      const taken = Math.min(bytes.length - at, message.length - fetch.at);
      message.set(bytes.subarray(at, at + taken), fetch.at);
      fetch.at += taken;
      at += taken;
      if (fetch.at < message.length) return;
      const { isTakenBack } = fetch.asks.shift() as Ask;
      const [next] = fetch.asks;
      if (next !== undefined) fetch.message = messageOf(next);
      fetch.at = BLOCK_HEAD;
      if (!isTakenBack) this.#events.received(message);
    }
  }

  #fail({ words, by, retryAfter }: RangeFault): void {
    this.close();
    const closing: Closing = { reason: "web-seed-failed", by, detail: words };
    this.#events.ended(retryAfter === undefined ? closing : { ...closing, retryAfter });
  }
}

/** The `piece` message of a block, to be filled in behind its head. */
function messageOf({ piece, begin, length }: Ask): Uint8Array {
  const message = new Uint8Array(BLOCK_HEAD + length);
  writeUint32(message, 0, BLOCK_HEAD - 4 + length);
  message[4] = MESSAGE.piece;
  writeUint32(message, 5, piece);
  writeUint32(message, 9, begin);
  return message;
}
