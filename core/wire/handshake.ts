import { concatBytes, fromLatin1 } from "../model/bytes.ts";
import type { PeerSupports } from "../model/peer-face.ts";

/** `\x13BitTorrent protocol` (BEP 3). */
export const PROTOCOL_HEADER = concatBytes(Uint8Array.of(19), fromLatin1("BitTorrent protocol"));
export const HANDSHAKE_LENGTH = 68;

/** What we set: the extension protocol (BEP 10) and the fast extension (BEP 6). */
export const OUR_RESERVED = Uint8Array.of(0, 0, 0, 0, 0, 0x10, 0, 0x04);

/**
 * @param speaksDht - We have a node in the DHT, and the torrent may use it (BEP 5).
 * @param isHybrid - The torrent has a v2 hash as well, which the other side may answer with (BEP 52).
 */
export function ourReserved(speaksDht: boolean, isHybrid: boolean): Uint8Array {
  const reserved = OUR_RESERVED.slice();
  reserved[7] = (reserved[7] as number) | (speaksDht ? 0x01 : 0) | (isHybrid ? 0x10 : 0);
  return reserved;
}

/** The parts of a BitTorrent handshake: 8, 20 and 20 bytes. */
export interface Handshake {
  readonly reserved: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
}

export function encodeHandshake({ reserved, infoHash, peerId }: Handshake): Uint8Array {
  return concatBytes(PROTOCOL_HEADER, reserved, infoHash, peerId);
}

/**
 * Collects the 68 bytes of a handshake. What can be judged early is: the protocol's name byte by byte, and the
 * info hash before the peer id, because the accepting side answers on it.
 */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_LENGTH);
  #length = 0;

  /**
   * @returns How many bytes of `chunk` belong to the handshake, or undefined when it is none.
   */
  push(chunk: Uint8Array): number | undefined {
    const taken = Math.min(chunk.length, HANDSHAKE_LENGTH - this.#length);
    this.#bytes.set(chunk.subarray(0, taken), this.#length);
    const before = this.#length;
    this.#length += taken;
    for (let i = before; i < Math.min(this.#length, PROTOCOL_HEADER.length); i++) {
      if (this.#bytes[i] !== PROTOCOL_HEADER[i]) return undefined;
    }
    return taken;
  }

  get received(): number {
    return this.#length;
  }

  get reserved(): Uint8Array | undefined {
    return this.#length >= 28 ? this.#bytes.subarray(20, 28) : undefined;
  }

  get infoHash(): Uint8Array | undefined {
    return this.#length >= 48 ? this.#bytes.subarray(28, 48) : undefined;
  }

  get peerId(): Uint8Array | undefined {
    return this.#length >= HANDSHAKE_LENGTH ? this.#bytes.subarray(48, 68) : undefined;
  }
}

const KNOWN_BITS: readonly (readonly [byte: number, mask: number, name: Exclude<keyof PeerSupports, "unknown">])[] = [
  [0, 0x80, "azureus"],
  [5, 0x10, "extensionProtocol"],
  [7, 0x01, "dht"],
  [7, 0x04, "fast"],
  [7, 0x10, "v2"],
];

/** What the reserved bits say; unknown ones are kept by name. */
export function decodeReserved(reserved: Uint8Array | undefined): PeerSupports {
  const supports = { extensionProtocol: false, fast: false, dht: false, v2: false, azureus: false };
  const unknown: string[] = [];
  for (let byte = 0; byte < (reserved?.length ?? 0); byte++) {
    for (let mask = 0x80; mask > 0; mask >>= 1) {
      if ((((reserved as Uint8Array)[byte] as number) & mask) === 0) continue;
      const known = KNOWN_BITS.find(([at, bit]) => at === byte && bit === mask);
      if (known === undefined) unknown.push(`${byte}:0x${mask.toString(16).padStart(2, "0")}`);
      else supports[known[2]] = true;
    }
  }
  return { ...supports, unknown };
}
