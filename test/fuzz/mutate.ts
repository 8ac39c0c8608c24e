import { type Random, randomBelow, randomBytes } from "../../core/model/random.ts";

/** The same for every run, unless `PEERSCOPE_FUZZ_SEED` says another. It is in the message of a failed test. */
export function seedOfRun(): number {
  const given = Number(process.env.PEERSCOPE_FUZZ_SEED);
  return Number.isInteger(given) && given > 0 ? given : 20_240_229;
}

const TELLING = [0, 1, 4, 5, 13, 0x7f, 0x80, 0xff];

/** A copy of `bytes` with a few of them changed, lost, doubled, or more put in between. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let mutated: Uint8Array<ArrayBuffer> = new Uint8Array(bytes);
  for (let times = randomBelow(random, 4); times > 0 && mutated.length > 0; times--) {
    const at = randomBelow(random, mutated.length);
    const length = 1 + randomBelow(random, Math.min(16, mutated.length - at));
    switch (randomBelow(random, 6)) {
      case 0:
        mutated[at] = (mutated[at] as number) ^ (1 << randomBelow(random, 8));
        break;
      case 1:
        mutated[at] = TELLING[randomBelow(random, TELLING.length)] as number;
        break;
      case 2:
        mutated = joined(mutated.subarray(0, at), mutated.subarray(at + length));
        break;
      case 3:
        mutated = joined(mutated.subarray(0, at + length), mutated.subarray(at));
        break;
      case 4:
        mutated = joined(mutated.subarray(0, at), randomBytes(random, length), mutated.subarray(at));
        break;
      default:
        mutated = mutated.slice(0, at);
    }
  }
  return mutated;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
