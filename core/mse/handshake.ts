import { bytesEqual, concatBytes, fromLatin1, readUint32, writeUint32 } from "../model/bytes.ts";
import type { CloseReason } from "../model/close-reason.ts";
import { type Random, randomBelow, randomBytes } from "../model/random.ts";
import { KEY_LENGTH, KeyPair } from "./diffie-hellman.ts";
import { Rc4 } from "./rc4.ts";

/** What the payload is after the handshake. The numbers are the wire's bits. */
export const METHOD = { plain: 1, rc4: 2 } as const;
export type Method = (typeof METHOD)[keyof typeof METHOD];

/** Injected: the heart computes no hashes itself. @returns 20 bytes. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;

export interface MseOptions {
  readonly sha1: Sha1;
  readonly random: Random;
  /** Bits of {@link METHOD} that we accept. */
  readonly methods: number;
}

/** What a side learns step by step. `send` goes out as it is. */
export type MseProgress =
  | { readonly kind: "more"; readonly send: Uint8Array | undefined }
  | { readonly kind: "done"; readonly send: Uint8Array | undefined; readonly outcome: MseOutcome }
  | { readonly kind: "fault"; readonly reason: CloseReason; readonly detail: string };

/** The finished handshake. */
export interface MseOutcome {
  readonly method: Method;
  /** 20 bytes: the torrent's info hash, which is the shared key. */
  readonly infoHash: Uint8Array;
  /** For what follows; undefined when the payload is plain. */
  readonly decrypt: Rc4 | undefined;
  readonly encrypt: Rc4 | undefined;
  /** What came after the handshake, decrypted. */
  readonly rest: Uint8Array;
}

const MAX_PAD = 512;
const VERIFICATION = new Uint8Array(8);
const HASH_LENGTH = 20;
/** Verification constant, methods, length of the pad. */
const HEADER_LENGTH = 8 + 4 + 2;
/** An initial payload is one BitTorrent handshake; a client may add its first messages. */
const MAX_INITIAL = 4096;

function tagged(sha1: Sha1, tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha1(concatBytes(fromLatin1(tag), ...parts));
}

function pad(random: Random): Uint8Array {
  return randomBytes(random, randomBelow(random, MAX_PAD + 1));
}

function more(send?: Uint8Array): MseProgress {
  return { kind: "more", send };
}

function lost(what: string, received: number): MseProgress {
  return { kind: "fault", reason: "encryption-sync", detail: `${what} not found in ${received} bytes` };
}

/** Bytes received and not yet understood. Bounded: every stage gives up past its longest form. */
class Inbox {
  bytes: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    this.bytes = this.bytes.length === 0 ? chunk.slice() : concatBytes(this.bytes, chunk);
  }

  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }

  /** Where `pattern` begins, searched within the first `most` bytes; −1 when it is not there yet. */
  find(pattern: Uint8Array, most: number): number {
    const last = Math.min(this.bytes.length, most) - pattern.length;
    for (let at = 0; at <= last; at++) {
      if (bytesEqual(this.bytes.subarray(at, at + pattern.length), pattern)) return at;
    }
    return -1;
  }
}

/**
 * The side that dials. Sends its key at once, then proves to know the torrent, and learns which method was chosen.
 *
 * @see Message Stream Encryption specification, steps 1 to 5
 */
export class MseInitiator {
  readonly #options: MseOptions;
  readonly #infoHash: Uint8Array;
  readonly #initial: Uint8Array;
  readonly #keys: KeyPair;
  readonly #inbox = new Inbox();
  #stage: "key" | "sync" | "header" | "pad" = "key";
  #encrypt: Rc4 | undefined;
  #decrypt: Rc4 | undefined;
  #marker = VERIFICATION;
  #method: Method = METHOD.plain;
  #padLength = 0;

  /** @param initial - The BitTorrent handshake, sent within the encrypted one. */
  constructor(options: MseOptions, infoHash: Uint8Array, initial: Uint8Array) {
    this.#options = options;
    this.#infoHash = infoHash;
    this.#initial = initial;
    this.#keys = new KeyPair(options.random);
  }

  /** The first bytes on the wire: our key and a pad of random length. */
  begin(): Uint8Array {
    return concatBytes(this.#keys.publicKey, pad(this.#options.random));
  }

  receive(chunk: Uint8Array): MseProgress {
    this.#inbox.push(chunk);
    let send: Uint8Array | undefined;
    if (this.#stage === "key") {
      if (this.#inbox.bytes.length < KEY_LENGTH) return more();
      const secret = this.#keys.shared(this.#inbox.take(KEY_LENGTH));
      if (secret === undefined) return { kind: "fault", reason: "encryption-sync", detail: "its key is a trivial one" };
      send = this.#prove(secret);
      this.#stage = "sync";
    }
    if (this.#stage === "sync") {
      const at = this.#inbox.find(this.#marker, MAX_PAD + VERIFICATION.length);
      if (at < 0) {
        const received = this.#inbox.bytes.length;
        return received < MAX_PAD + VERIFICATION.length ? more(send) : lost("the verification constant", received);
      }
      this.#inbox.take(at + VERIFICATION.length);
      this.#stage = "header";
    }
    if (this.#stage === "header") {
      if (this.#inbox.bytes.length < HEADER_LENGTH - VERIFICATION.length) return more(send);
      const header = this.#inbox.take(HEADER_LENGTH - VERIFICATION.length).slice();
      this.#decrypt?.apply(header);
      const method = readUint32(header, 0);
      this.#padLength = ((header[4] as number) << 8) | (header[5] as number);
      if ((method !== METHOD.plain && method !== METHOD.rc4) || (method & this.#options.methods) === 0) {
        const detail = `it chose method ${method}, we offered ${this.#options.methods}`;
        return { kind: "fault", reason: "encryption-no-common-method", detail };
      }
      if (this.#padLength > MAX_PAD) {
        return {
          kind: "fault",
          reason: "encryption-sync",
          detail: `pad of ${this.#padLength} bytes, at most ${MAX_PAD}`,
        };
      }
      this.#method = method;
      this.#stage = "pad";
    }
    if (this.#inbox.bytes.length < this.#padLength) return more(send);
    this.#decrypt?.apply(this.#inbox.take(this.#padLength).slice());
    const isPlain = this.#method === METHOD.plain;
    const rest = this.#inbox.bytes.slice();
    if (!isPlain) this.#decrypt?.apply(rest);
    return {
      kind: "done",
      send,
      outcome: {
        method: this.#method,
        infoHash: this.#infoHash,
        decrypt: isPlain ? undefined : this.#decrypt,
        encrypt: isPlain ? undefined : this.#encrypt,
        rest,
      },
    };
  }

  /** Step 3: we know the secret and the torrent. */
  #prove(secret: Uint8Array): Uint8Array {
    const { sha1, methods } = this.#options;
    this.#encrypt = new Rc4(tagged(sha1, "keyA", secret, this.#infoHash));
    this.#decrypt = new Rc4(tagged(sha1, "keyB", secret, this.#infoHash));
    // The constant is eight zeros, so what it looks like encrypted is known: that is what is searched for.
    this.#marker = VERIFICATION.slice();
    this.#decrypt.apply(this.#marker);
    const header = new Uint8Array(HEADER_LENGTH + 2);
    writeUint32(header, 8, methods);
    header[14] = this.#initial.length >>> 8;
    header[15] = this.#initial.length;
    this.#encrypt.apply(header);
    const initial = this.#initial.slice();
    this.#encrypt.apply(initial);
    const key = tagged(sha1, "req2", this.#infoHash);
    const mask = tagged(sha1, "req3", secret);
    for (let i = 0; i < HASH_LENGTH; i++) key[i] = (key[i] as number) ^ (mask[i] as number);
    return concatBytes(tagged(sha1, "req1", secret), key, header, initial);
  }
}

/** The side that was dialled: learns the torrent from a hash of its info hash, then chooses the method. */
export class MseResponder {
  readonly #options: MseOptions & { readonly preferred: Method };
  readonly #torrents: () => Iterable<Uint8Array>;
  readonly #keys: KeyPair;
  readonly #inbox = new Inbox();
  #stage: "key" | "sync" | "torrent" | "header" | "pad" | "initial" = "key";
  #secret: Uint8Array = new Uint8Array(0);
  #infoHash: Uint8Array = new Uint8Array(0);
  #encrypt: Rc4 | undefined;
  #decrypt: Rc4 | undefined;
  #method: Method = METHOD.plain;
  #length = 0;

  /**
   * @param options - `preferred` is chosen when both sides take it.
   * @param torrents - Info hashes that we serve.
   */
  constructor(options: MseOptions & { readonly preferred: Method }, torrents: () => Iterable<Uint8Array>) {
    this.#options = options;
    this.#torrents = torrents;
    this.#keys = new KeyPair(options.random);
  }

  receive(chunk: Uint8Array): MseProgress {
    this.#inbox.push(chunk);
    let send: Uint8Array | undefined;
    const inbox = this.#inbox;
    if (this.#stage === "key") {
      if (inbox.bytes.length < KEY_LENGTH) return more();
      const secret = this.#keys.shared(inbox.take(KEY_LENGTH));
      if (secret === undefined) return { kind: "fault", reason: "encryption-sync", detail: "its key is a trivial one" };
      this.#secret = secret;
      send = concatBytes(this.#keys.publicKey, pad(this.#options.random));
      this.#stage = "sync";
    }
    if (this.#stage === "sync") {
      const marker = tagged(this.#options.sha1, "req1", this.#secret);
      const at = inbox.find(marker, MAX_PAD + HASH_LENGTH);
      if (at < 0) {
        const received = inbox.bytes.length;
        return received < MAX_PAD + HASH_LENGTH ? more(send) : lost("the hash of the secret", received);
      }
      inbox.take(at + HASH_LENGTH);
      this.#stage = "torrent";
    }
    if (this.#stage === "torrent") {
      if (inbox.bytes.length < HASH_LENGTH) return more(send);
      const infoHash = this.#recognise(inbox.take(HASH_LENGTH));
      if (infoHash === undefined) {
        return { kind: "fault", reason: "encryption-unknown-key", detail: "none of our torrents is its key" };
      }
      this.#infoHash = infoHash;
      this.#encrypt = new Rc4(tagged(this.#options.sha1, "keyB", this.#secret, infoHash));
      this.#decrypt = new Rc4(tagged(this.#options.sha1, "keyA", this.#secret, infoHash));
      this.#stage = "header";
    }
    const decrypt = this.#decrypt as Rc4;
    if (this.#stage === "header") {
      if (inbox.bytes.length < HEADER_LENGTH) return more(send);
      const header = inbox.take(HEADER_LENGTH).slice();
      decrypt.apply(header);
      if (!bytesEqual(header.subarray(0, 8), VERIFICATION)) return lost("the verification constant", HEADER_LENGTH);
      const offered = readUint32(header, 8) & this.#options.methods;
      this.#length = ((header[12] as number) << 8) | (header[13] as number);
      if (offered === 0) {
        const detail = `it offers methods ${readUint32(header, 8)}, we take ${this.#options.methods}`;
        return { kind: "fault", reason: "encryption-no-common-method", detail };
      }
      if (this.#length > MAX_PAD) {
        return { kind: "fault", reason: "encryption-sync", detail: `pad of ${this.#length} bytes, at most ${MAX_PAD}` };
      }
      const { preferred } = this.#options;
      const other = preferred === METHOD.rc4 ? METHOD.plain : METHOD.rc4;
      this.#method = (offered & preferred) !== 0 ? preferred : other;
      this.#stage = "pad";
    }
    if (this.#stage === "pad") {
      if (inbox.bytes.length < this.#length + 2) return more(send);
      const padAndLength = inbox.take(this.#length + 2).slice();
      decrypt.apply(padAndLength);
      this.#length = ((padAndLength.at(-2) as number) << 8) | (padAndLength.at(-1) as number);
      if (this.#length > MAX_INITIAL) {
        const detail = `initial payload of ${this.#length} bytes, at most ${MAX_INITIAL}`;
        return { kind: "fault", reason: "encryption-sync", detail };
      }
      this.#stage = "initial";
    }
    if (inbox.bytes.length < this.#length) return more(send);
    const initial = inbox.take(this.#length).slice();
    decrypt.apply(initial);
    const isPlain = this.#method === METHOD.plain;
    const after = inbox.bytes.slice();
    if (!isPlain) decrypt.apply(after);
    const answer = this.#answer();
    return {
      kind: "done",
      send: send === undefined ? answer : concatBytes(send, answer),
      outcome: {
        method: this.#method,
        infoHash: this.#infoHash,
        decrypt: isPlain ? undefined : decrypt,
        encrypt: isPlain ? undefined : this.#encrypt,
        rest: concatBytes(initial, after),
      },
    };
  }

  /** Step 4: what we chose. No pad: its length would be known anyway. */
  #answer(): Uint8Array {
    const header = new Uint8Array(HEADER_LENGTH);
    writeUint32(header, 8, this.#method);
    (this.#encrypt as Rc4).apply(header);
    return header;
  }

  #recognise(key: Uint8Array): Uint8Array | undefined {
    const { sha1 } = this.#options;
    const hidden = key.slice();
    const mask = tagged(sha1, "req3", this.#secret);
    for (let i = 0; i < HASH_LENGTH; i++) hidden[i] = (hidden[i] as number) ^ (mask[i] as number);
    for (const infoHash of this.#torrents()) {
      if (bytesEqual(tagged(sha1, "req2", infoHash), hidden)) return infoHash;
    }
    return undefined;
  }
}
