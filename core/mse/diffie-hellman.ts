import { toHex } from "../model/bytes.ts";
import { type Random, randomBytes } from "../model/random.ts";

/** The 768-bit safe prime of the Message Stream Encryption specification (also Oakley group 1), generator 2. */
const PRIME = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
);
const GENERATOR = 2n;
/** Length of a public key and of the shared secret. */
export const KEY_LENGTH = 96;
const SECRET_LENGTH = 20;

/** One side's key pair. It hides the protocol from a casual look; it proves nothing about who the other side is. */
export class KeyPair {
  /** 96 bytes, big-endian. */
  readonly publicKey: Uint8Array;
  readonly #secret: bigint;

  constructor(random: Random) {
    this.#secret = toBigInt(randomBytes(random, SECRET_LENGTH));
    this.publicKey = toBytes(power(GENERATOR, this.#secret));
  }

  /** @returns The 96 bytes of the shared secret, or undefined when the other key is one that makes it guessable. */
  shared(otherPublicKey: Uint8Array): Uint8Array | undefined {
    const other = toBigInt(otherPublicKey);
    if (other <= 1n || other >= PRIME - 1n) return undefined;
    return toBytes(power(other, this.#secret));
  }
}

/** Square and multiply. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function toBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(KEY_LENGTH);
  let rest = value;
  for (let at = KEY_LENGTH - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
