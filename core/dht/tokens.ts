import { bytesEqual, concatBytes, fromLatin1 } from "../model/bytes.ts";
import { type Random, randomBytes } from "../model/random.ts";
import type { Bytes, Millis, Timestamp } from "../model/units.ts";
import type { NodeId } from "./node-id.ts";

/** BEP 5: the secret changes this often, and tokens of the one before are taken too. */
const SECRET_LIFE: Millis = 5 * 60_000;
const SECRET_LENGTH: Bytes = 20;
export const TOKEN_LENGTH: Bytes = 8;

/**
 * Proofs that a node gets what is sent to its address: given with an answer, brought back with an announce. Nothing is
 * kept of who got one.
 */
export class Tokens {
  readonly #random: Random;
  readonly #sha1: (bytes: Uint8Array) => Uint8Array;
  #secrets: readonly [now: Uint8Array, before: Uint8Array];
  #since: Timestamp = 0;

  /** @param random - Not to be foretold: whoever knows the secret can announce for any address. */
  constructor(random: Random, sha1: (bytes: Uint8Array) => Uint8Array) {
    this.#random = random;
    this.#sha1 = sha1;
    this.#secrets = [randomBytes(random, SECRET_LENGTH), randomBytes(random, SECRET_LENGTH)];
  }

  tokenFor(host: string, infoHash: NodeId, now: Timestamp): Uint8Array {
    this.#rotate(now);
    return this.#token(this.#secrets[0], host, infoHash);
  }

  /** We gave this token to `host` for `infoHash`, at most ten minutes ago. */
  isValid(token: Uint8Array, host: string, infoHash: NodeId, now: Timestamp): boolean {
    this.#rotate(now);
    return this.#secrets.some((secret) => bytesEqual(token, this.#token(secret, host, infoHash)));
  }

  #token(secret: Uint8Array, host: string, infoHash: NodeId): Uint8Array {
    return this.#sha1(concatBytes(secret, infoHash, fromLatin1(host))).subarray(0, TOKEN_LENGTH);
  }

  #rotate(now: Timestamp): void {
    if (now < this.#since + SECRET_LIFE) return;
    const fresh = () => randomBytes(this.#random, SECRET_LENGTH);
    this.#secrets = now < this.#since + 2 * SECRET_LIFE ? [fresh(), this.#secrets[0]] : [fresh(), fresh()];
    this.#since = now;
  }
}
