import { bytesEqual } from "../model/bytes.ts";
import type { Closing } from "../model/close-reason.ts";
import { invariant } from "../model/invariant.ts";
import { decodeReserved, encodeHandshake, HandshakeReader, ourReserved } from "../wire/handshake.ts";
import { type CipherKit, CipherLink, type EncryptionPolicy } from "./cipher-link.ts";
import { clientName } from "./client-name.ts";
import type { Peer } from "./peer.ts";
import type { Lobby, PeerLink, Residence } from "./ports.ts";

/**
 * How two sides come to know each other: message stream encryption where there is any, then the BitTorrent handshake
 * of both. What is read later passes through it too, for as long as it is encrypted.
 */
export class Greeting {
  readonly #peer: Peer;
  readonly #kit: CipherKit;
  /** Undefined where nothing stands between us and the link. */
  #cipher: CipherLink | undefined;
  #lobby: Lobby | undefined;
  #reader: HandshakeReader | undefined = new HandshakeReader();
  #hasAnswered = false;

  constructor(peer: Peer, kit: CipherKit) {
    this.#peer = peer;
    this.#kit = kit;
  }

  /** There is none: what comes is in plain, and to be read from the first byte on. */
  skip(): void {
    this.#reader = undefined;
  }

  /** We dialled: our handshake goes first. @returns The link to speak through. */
  initiate(link: PeerLink, policy: EncryptionPolicy): PeerLink {
    const handshake = this.#ours();
    if (policy === "off" || policy === "allow") {
      this.#peer.phase = "handshaking";
      this.#peer.writer.raw(handshake);
      return link;
    }
    const infoHash = this.#peer.residence?.infoHash as Uint8Array;
    this.#peer.phase = "encrypting";
    this.#cipher = CipherLink.initiate(link, this.#kit, policy, infoHash, handshake);
    return this.#cipher;
  }

  /** It dialled us: its handshake comes first. @returns The link to speak through. */
  respond(link: PeerLink, lobby: Lobby, policy: EncryptionPolicy): PeerLink {
    this.#lobby = lobby;
    this.#peer.phase = policy === "off" ? "handshaking" : "encrypting";
    this.#cipher = CipherLink.respond(link, this.#kit, policy);
    return this.#cipher;
  }

  /** @returns What of `chunk` comes after the handshakes, in plain; undefined when they go on, or the peer is closed. */
  read(chunk: Uint8Array): Uint8Array | undefined {
    const plain = this.#cipher === undefined ? chunk : this.#decipher(this.#cipher, chunk);
    if (plain === undefined || this.#reader === undefined) return plain;
    const taken = this.#readHandshake(this.#reader, plain);
    return taken === undefined || this.#reader !== undefined ? undefined : plain.subarray(taken);
  }

  /** Who hears of the end of a peer that never named a torrent of ours. */
  get lobby(): Lobby | undefined {
    return this.#lobby;
  }

  /** @returns The bytes in plain, or undefined when none are to be read yet, or the connection is over. */
  #decipher(cipher: CipherLink, chunk: Uint8Array): Uint8Array | undefined {
    const wasOpen = cipher.isOpen;
    const plain = cipher.receive(chunk);
    if ("reason" in plain) return this.#refuse(plain);
    if (wasOpen) return plain;
    if (!cipher.isOpen) return undefined;
    this.#peer.phase = "handshaking";
    this.#peer.encryption = cipher.encryption;
    // In plain nothing stands between us any more.
    if (cipher.encryption === "none") this.#cipher = undefined;
    return plain.length === 0 ? undefined : plain;
  }

  #ours(): Uint8Array {
    const { residence } = this.#peer;
    invariant(residence !== undefined, "a handshake is sent for a known torrent");
    this.#hasAnswered = true;
    const { infoHash, ourPeerId: peerId, dhtPort, v2Hash } = residence;
    const reserved = ourReserved(dhtPort?.() !== undefined, v2Hash !== undefined);
    return encodeHandshake({ reserved, infoHash, peerId });
  }

  /** @returns Bytes taken from `chunk`, or undefined when the connection is over. */
  #readHandshake(reader: HandshakeReader, chunk: Uint8Array): number | undefined {
    const peer = this.#peer;
    const taken = reader.push(chunk);
    if (taken === undefined) {
      const start = Array.from(chunk.subarray(0, 8), (value) => value.toString(16).padStart(2, "0")).join(" ");
      return this.#refuse({ reason: "bad-handshake", by: "us", detail: `it begins ${start}` });
    }
    if (reader.infoHash !== undefined) {
      const mismatch = this.#hasAnswered ? this.#compare(reader.infoHash) : this.#answer(reader.infoHash);
      if (mismatch !== undefined) return this.#refuse(mismatch);
    }
    if (reader.peerId === undefined) return taken;
    peer.peerId = reader.peerId.slice();
    peer.client = clientName(peer.peerId);
    peer.reserved = (reader.reserved as Uint8Array).slice();
    peer.supports = decodeReserved(peer.reserved);
    this.#reader = undefined;
    peer.open();
    return peer.isClosed ? undefined : taken;
  }

  /** It named the torrent first. */
  #answer(infoHash: Uint8Array): Closing | undefined {
    const named = this.#cipher?.infoHash;
    if (named !== undefined && !bytesEqual(named, infoHash)) {
      const detail = "its handshake names another torrent than its encryption";
      return { reason: "info-hash-mismatch", by: "us", detail };
    }
    const place = (this.#lobby as Lobby).residenceFor(infoHash);
    if ("reason" in place) return place;
    this.#peer.settle(place.residence, place.events);
    this.#peer.writer.raw(this.#ours());
    this.#peer.flush();
    return undefined;
  }

  #compare(infoHash: Uint8Array): Closing | undefined {
    const { infoHash: named, v2Hash } = this.#peer.residence as Residence;
    if (bytesEqual(infoHash, named) || (v2Hash !== undefined && bytesEqual(infoHash, v2Hash))) return undefined;
    return { reason: "info-hash-mismatch", by: "us", detail: "its handshake names another torrent" };
  }

  #refuse(closing: Closing): undefined {
    this.#peer.close(closing, this.#peer.now);
    return undefined;
  }
}
