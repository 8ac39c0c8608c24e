import { bytesEqual, concatBytes, fromLatin1 } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import type { Encryption } from "../model/peer-face.ts";
import type { Random } from "../model/random.ts";
import type { Bytes } from "../model/units.ts";
import {
  METHOD,
  type Method,
  MseInitiator,
  type MseOutcome,
  type MseProgress,
  MseResponder,
  type Sha1,
} from "../mse/handshake.ts";
import type { Rc4 } from "../mse/rc4.ts";
import { PROTOCOL_HEADER } from "../wire/handshake.ts";
import type { PeerLink } from "./ports.ts";

/** How one direction of dialling treats message stream encryption. */
export type EncryptionPolicy = "off" | "allow" | "prefer" | "require";

/** What the encrypted handshake needs of its surroundings. */
export interface CipherKit {
  readonly sha1: Sha1;
  readonly random: Random;
  /** Info hashes that an incoming peer may know. */
  torrents(): Iterable<Uint8Array>;
}

/** libtorrent's `protocol_blocked`. */
const PROTOCOL_BLOCKED = 13;
const NOTHING = new Uint8Array(0);

type Stage =
  | { readonly kind: "undecided"; readonly policy: EncryptionPolicy; held: Uint8Array }
  | { readonly kind: "handshake"; readonly mse: MseInitiator | MseResponder }
  | { readonly kind: "open" };

/**
 * Stands between a peer and its link until, and when it is encrypted also after, it is known how the two speak.
 * An incoming stream is plain when it begins as a BitTorrent handshake; everything else is taken for an encrypted one.
 */
export class CipherLink implements PeerLink {
  encryption: Encryption = "none";
  /** The torrent that the encrypted handshake was about. */
  infoHash: Uint8Array | undefined;
  readonly #link: PeerLink;
  readonly #kit: CipherKit;
  #stage: Stage;
  #encrypt: Rc4 | undefined;
  #decrypt: Rc4 | undefined;

  private constructor(link: PeerLink, kit: CipherKit, stage: Stage) {
    this.#link = link;
    this.#kit = kit;
    this.#stage = stage;
  }

  /** We dialled, and begin encrypted. @param handshake - Our BitTorrent handshake, sent within. */
  static initiate(
    link: PeerLink,
    kit: CipherKit,
    policy: EncryptionPolicy,
    infoHash: Uint8Array,
    handshake: Uint8Array,
  ): CipherLink {
    const { sha1, random } = kit;
    const mse = new MseInitiator({ sha1, random, methods: methodsOf(policy) }, infoHash, handshake);
    const cipher = new CipherLink(link, kit, { kind: "handshake", mse });
    link.send(mse.begin());
    return cipher;
  }

  /** It dialled us: its first bytes say how it speaks. */
  static respond(link: PeerLink, kit: CipherKit, policy: EncryptionPolicy): CipherLink {
    return new CipherLink(link, kit, { kind: "undecided", policy, held: NOTHING });
  }

  get isOpen(): boolean {
    return this.#stage.kind === "open";
  }

  /** @returns The bytes in plain, perhaps none yet, or why the connection ends. `chunk` may be overwritten. */
  receive(chunk: Uint8Array): Uint8Array | Closing {
    switch (this.#stage.kind) {
      case "open":
        this.#decrypt?.apply(chunk);
        return chunk;
      case "handshake":
        return this.#advance(this.#stage.mse.receive(chunk));
      case "undecided":
        return this.#decide(this.#stage, chunk);
    }
  }

  // PeerLink.

  get backlog(): Bytes {
    return this.#link.backlog;
  }

  send(bytes: Uint8Array): void {
    this.#encrypt?.apply(bytes);
    this.#link.send(bytes);
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    if (this.#encrypt === undefined) return this.#link.sendBlock(header, block, released);
    // The block belongs to the read cache and to others: its encrypted form needs memory of its own.
    const bytes = concatBytes(header, block);
    this.#encrypt.apply(bytes);
    this.#link.sendBlock(bytes, NOTHING, released);
  }

  close(isAbrupt: boolean, closeReason: number): void {
    this.#link.close(isAbrupt, closeReason);
  }

  #decide(stage: Extract<Stage, { kind: "undecided" }>, chunk: Uint8Array): Uint8Array | Closing {
    const bytes = stage.held.length === 0 ? chunk : concatBytes(stage.held, chunk);
    const judged = Math.min(bytes.length, PROTOCOL_HEADER.length);
    const isPlain = bytesEqual(bytes.subarray(0, judged), PROTOCOL_HEADER.subarray(0, judged));
    if (isPlain && judged < PROTOCOL_HEADER.length) {
      stage.held = bytes.slice();
      return NOTHING;
    }
    if (isPlain) {
      if (stage.policy === "require") return refusal("it does not encrypt, and we require it");
      this.#stage = { kind: "open" };
      return bytes;
    }
    if (isForeign(bytes)) {
      const start = Array.from(bytes.subarray(0, 8), (value) => value.toString(16).padStart(2, "0")).join(" ");
      return { reason: "bad-handshake", by: "us", detail: `it begins ${start}` };
    }
    if (stage.policy === "off") {
      const detail = "it does not begin as BitTorrent; if it is encrypted, that is off here";
      return { reason: "bad-handshake", by: "us", detail, closeReason: PROTOCOL_BLOCKED };
    }
    const { sha1, random, torrents } = this.#kit;
    const options = { sha1, random, methods: methodsOf(stage.policy), preferred: preferredOf(stage.policy) };
    const mse = new MseResponder(options, torrents);
    this.#stage = { kind: "handshake", mse };
    return this.#advance(mse.receive(bytes));
  }

  #advance(progress: MseProgress): Uint8Array | Closing {
    if (progress.kind === "fault") return { reason: progress.reason, by: "us", detail: progress.detail };
    if (progress.send !== undefined) this.#link.send(progress.send);
    if (progress.kind === "more") return NOTHING;
    return this.#opened(progress.outcome);
  }

  #opened({ method, infoHash, decrypt, encrypt, rest }: MseOutcome): Uint8Array {
    this.encryption = method === METHOD.rc4 ? "rc4" : "handshake";
    this.infoHash = infoHash;
    this.#decrypt = decrypt;
    this.#encrypt = encrypt;
    this.#stage = { kind: "open" };
    return rest;
  }
}

/** Four bytes in which other protocols begin; a key of the encrypted handshake does by chance once in four billion. */
const FOREIGN_STARTS = ["GET ", "POST", "HEAD", "SSH-", "\x16\x03\x01\x02", "\x16\x03\x01\x00", "\x13Bit"].map(
  fromLatin1,
);

/** It is neither plain BitTorrent nor encrypted: there is nothing to wait for. */
function isForeign(bytes: Uint8Array): boolean {
  return FOREIGN_STARTS.some((start) => bytesEqual(bytes.subarray(0, start.length), start));
}

function refusal(detail: string): Closing {
  return { reason: "encryption-no-common-method", by: "us", detail, closeReason: PROTOCOL_BLOCKED };
}

function methodsOf(policy: EncryptionPolicy): number {
  return policy === "require" ? METHOD.rc4 : METHOD.rc4 | METHOD.plain;
}

/** Merely allowed, encryption ends with its handshake when the other side lets it: that costs nothing. */
function preferredOf(policy: EncryptionPolicy): Method {
  return policy === "allow" ? METHOD.plain : METHOD.rc4;
}
