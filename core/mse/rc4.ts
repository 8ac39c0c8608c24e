/** Bytes of the key stream that message stream encryption throws away first. */
const DISCARDED = 1024;

/**
 * RC4 as message stream encryption uses it: the first 1024 bytes of the key stream are discarded.
 * Both directions are the same operation; each direction of a connection has its own.
 */
export class Rc4 {
  readonly #state = new Uint8Array(256);
  #i = 0;
  #j = 0;

  /** @param key - 1 to 256 bytes; 20 in practice. */
  constructor(key: Uint8Array) {
    const state = this.#state;
    for (let i = 0; i < 256; i++) state[i] = i;
    for (let i = 0, j = 0; i < 256; i++) {
      const held = state[i] as number;
      j = (j + held + (key[i % key.length] as number)) & 0xff;
      state[i] = state[j] as number;
      state[j] = held;
    }
    this.apply(new Uint8Array(DISCARDED));
  }

  /** Encrypts or decrypts `bytes` in place. */
  apply(bytes: Uint8Array): void {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 0xff;
      const a = state[i] as number;
      j = (j + a) & 0xff;
      const b = state[j] as number;
      state[i] = b;
      state[j] = a;
      bytes[at] = (bytes[at] as number) ^ (state[(a + b) & 0xff] as number);
    }
    this.#i = i;
    this.#j = j;
  }
}
