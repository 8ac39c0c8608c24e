/** Bytes of the key stream that message stream encryption throws away first. */
const DISCARDED = 1024;

/**
 * RC4 as message stream encryption uses it: the first 1024 bytes of the key stream are discarded.
 * Both directions are the same operation; each direction of a connection has its own.
 */
export class Rc4 {
  /** Of wide numbers: the processor reads back what it just wrote, and that is slowest for single bytes. */
  readonly #state = new Int32Array(256);
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

  /**
   * Encrypts or decrypts `bytes` in place. Four at a time where they are aligned: half as fast again as one by one.
   * Every system that we run on is little-endian.
   */
  apply(bytes: Uint8Array): void {
    if (bytes.length < 4) return this.#applyBytes(bytes, 0, bytes.length);
    const lead = -bytes.byteOffset & 3;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, (bytes.length - lead) >>> 2);
    this.#applyBytes(bytes, 0, lead);
    this.#applyWords(words);
    this.#applyBytes(bytes, lead + 4 * words.length, bytes.length);
  }

  /** Written out: V8 does not unroll the loop over the four, which would cost a third. */
  #applyWords(words: Int32Array): void {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    let a = 0;
    let b = 0;
    for (let at = 0; at < words.length; at++) {
      i = (i + 1) & 0xff;
      a = state[i] as number;
      j = (j + a) & 0xff;
      b = state[j] as number;
      state[i] = b;
      state[j] = a;
      let key = state[(a + b) & 0xff] as number;
      i = (i + 1) & 0xff;
      a = state[i] as number;
      j = (j + a) & 0xff;
      b = state[j] as number;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] as number) << 8;
      i = (i + 1) & 0xff;
      a = state[i] as number;
      j = (j + a) & 0xff;
      b = state[j] as number;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] as number) << 16;
      i = (i + 1) & 0xff;
      a = state[i] as number;
      j = (j + a) & 0xff;
      b = state[j] as number;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] as number) << 24;
      words[at] = (words[at] as number) ^ key;
    }
    this.#i = i;
    this.#j = j;
  }

  #applyBytes(bytes: Uint8Array, from: number, to: number): void {
    const state = this.#state;
    let i = this.#i;
    let j = this.#j;
    for (let at = from; at < to; at++) {
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
