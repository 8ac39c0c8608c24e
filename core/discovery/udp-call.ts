import { type BencodeInput, encodeBencode } from "../model/bencode.ts";
import { bytesEqual, concatBytes, fromLatin1, readUint32, toLatin1, writeUint32 } from "../model/bytes.ts";
import { type Random, randomBytes } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { AnnounceEvent, AnnounceParameters } from "./announce-url.ts";
import { MAX_PEERS_AN_ANSWER } from "./tracker-answer.ts";

/** What is asked of a tracker over UDP (BEP 15). */
export type UdpRequest =
  | { readonly kind: "announce"; readonly parameters: AnnounceParameters }
  /** 20 bytes. */
  | { readonly kind: "scrape"; readonly infoHash: Uint8Array };

/** What a tracker gave to show that our address is ours; 8 bytes. */
export interface UdpConnection {
  readonly id: Uint8Array;
  readonly until: Timestamp;
}

const PROTOCOL = Uint8Array.of(0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80);
const ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
/** BEP 15 knows no `paused`. */
const EVENTS: Readonly<Record<AnnounceEvent, number>> = { paused: 0, completed: 1, started: 2, stopped: 3 };
/** A connection id is good for this long. */
const CONNECTION_LIFE: Millis = 60_000;
/** What is not answered is sent again after this, then after twice as long each time. */
const FIRST_RETRY: Millis = 15_000;
const MAX_RETRIES = 8;
const MAX_WORDS = 256;
/** Bytes of the tracker's path and query in one option (BEP 41). */
const MAX_OPTION: Bytes = 255;
const OPTION = { end: 0, urlData: 2 } as const;

export type UdpOutcome =
  /** In the form of an HTTP tracker's answer, so that there is one form of answer. */
  | { readonly kind: "answer"; readonly body: Uint8Array }
  /** The connection is there, and the request to be sent. */
  | { readonly kind: "connected"; readonly connection: UdpConnection }
  /** Somebody else's, or for an earlier packet of ours. */
  | { readonly kind: "ignored" };

/**
 * One exchange with a UDP tracker (BEP 15, 41): connect, then the request, each sent again until it is answered.
 * Deterministic: datagrams and the time in, datagrams out. The caller sees to it that datagrams come from the tracker.
 */
export class UdpCall {
  readonly #request: UdpRequest;
  readonly #path: string;
  readonly #family: 4 | 6;
  readonly #random: Random;
  #connection: UdpConnection | undefined;
  /** Of the packet that was sent last. */
  #transaction: Uint8Array = new Uint8Array(4);
  #isConnecting = false;
  #tries = 0;
  #sendAt: Timestamp;

  /**
   * @param path - Of the tracker's address, query included: private trackers keep pass keys there.
   * @param family - Of the address the tracker is asked at, as far as it is known: its peers are of that family.
   * @param connection - From an earlier exchange with the same address.
   */
  constructor(
    request: UdpRequest,
    path: string,
    family: 4 | 6,
    connection: UdpConnection | undefined,
    random: Random,
    now: Timestamp,
  ) {
    this.#request = request;
    this.#path = path;
    this.#family = family;
    this.#connection = connection;
    this.#random = random;
    this.#sendAt = now;
  }

  /** The tracker has refused what we asked with the connection that we had. */
  get isRefused(): boolean {
    return this.#connection === undefined;
  }

  /** When to {@link poll} again. */
  get deadline(): Timestamp {
    return this.#sendAt;
  }

  /** @returns A datagram to be sent now; undefined when none is due, or no more are. */
  poll(now: Timestamp): Uint8Array | undefined {
    if (now < this.#sendAt || this.#tries > MAX_RETRIES) return undefined;
    this.#sendAt = now + FIRST_RETRY * 2 ** this.#tries++;
    this.#transaction = randomBytes(this.#random, 4);
    const connection = this.#connection !== undefined && now < this.#connection.until ? this.#connection : undefined;
    this.#isConnecting = connection === undefined;
    if (connection === undefined) return concatBytes(PROTOCOL, uint32(ACTION.connect), this.#transaction);
    const { id } = connection;
    if (this.#request.kind === "announce") return this.#announce(id, this.#request.parameters);
    return concatBytes(id, uint32(ACTION.scrape), this.#transaction, this.#request.infoHash);
  }

  /**
   * @param datagram - From the tracker's address.
   * @param family - Of that address.
   */
  received(datagram: Uint8Array, now: Timestamp, family = this.#family): UdpOutcome {
    if (datagram.length < 8 || !bytesEqual(datagram.subarray(4, 8), this.#transaction)) return { kind: "ignored" };
    const action = readUint32(datagram, 0);
    if (action === ACTION.error) {
      // A connection id that it no longer takes is no reason to ask with it again.
      this.#connection = undefined;
      return refusal(datagram.subarray(8));
    }
    if (this.#isConnecting) {
      if (action !== ACTION.connect || datagram.length < 16) return { kind: "ignored" };
      this.#connection = { id: datagram.slice(8, 16), until: now + CONNECTION_LIFE };
      this.#tries = 0;
      this.#sendAt = now;
      return { kind: "connected", connection: this.#connection };
    }
    if (this.#request.kind === "announce") {
      return action === ACTION.announce && datagram.length >= 20
        ? announced(datagram, family === 4 ? 4 : 16)
        : { kind: "ignored" };
    }
    return action === ACTION.scrape && datagram.length >= 20
      ? scraped(datagram, this.#request.infoHash)
      : { kind: "ignored" };
  }

  #announce(connection: Uint8Array, parameters: AnnounceParameters): Uint8Array {
    const { infoHash, peerId, downloaded, left, uploaded, event, key, numwant, port } = parameters;
    return concatBytes(
      connection,
      uint32(ACTION.announce),
      this.#transaction,
      infoHash,
      peerId,
      uint64(downloaded),
      uint64(left),
      uint64(uploaded),
      uint32(event === undefined ? 0 : EVENTS[event]),
      // Our address: the one we are seen to come from.
      uint32(0),
      uint32(Number.parseInt(key, 16)),
      uint32(numwant),
      Uint8Array.of(port >> 8, port & 0xff),
      ...this.#urlData(),
    );
  }

  /** BEP 41, where the tracker's address has more than the usual path. */
  #urlData(): Uint8Array[] {
    if (this.#path === "" || this.#path === "/" || this.#path === "/announce") return [];
    const parts: Uint8Array[] = [];
    for (let at = 0; at < this.#path.length; at += MAX_OPTION) {
      const text = fromLatin1(this.#path.slice(at, at + MAX_OPTION));
      parts.push(Uint8Array.of(OPTION.urlData, text.length), text);
    }
    return [...parts, Uint8Array.of(OPTION.end)];
  }
}

function announced(datagram: Uint8Array, addressLength: 4 | 16): UdpOutcome {
  const entry = addressLength + 2;
  const whole = Math.min(Math.floor((datagram.length - 20) / entry), MAX_PEERS_AN_ANSWER) * entry;
  const peers = datagram.slice(20, 20 + whole);
  return answer({
    complete: readUint32(datagram, 16),
    incomplete: readUint32(datagram, 12),
    interval: readUint32(datagram, 8),
    peers: addressLength === 4 ? peers : undefined,
    peers6: addressLength === 16 ? peers : undefined,
  });
}

function scraped(datagram: Uint8Array, infoHash: Uint8Array): UdpOutcome {
  const counts = {
    complete: readUint32(datagram, 8),
    downloaded: readUint32(datagram, 12),
    incomplete: readUint32(datagram, 16),
  };
  return answer({ files: new Map([[toLatin1(infoHash), counts]]) });
}

function refusal(words: Uint8Array): UdpOutcome {
  return answer({ "failure reason": words.slice(0, MAX_WORDS) });
}

function answer(fields: BencodeInput): UdpOutcome {
  return { kind: "answer", body: encodeBencode(fields) };
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value >>> 0);
  return bytes;
}

function uint64(value: number): Uint8Array {
  return concatBytes(uint32(Math.floor(value / 0x1_0000_0000)), uint32(value % 0x1_0000_0000));
}
