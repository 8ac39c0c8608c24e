import { concatBytes } from "../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../core/model/random.ts";

/** The same for every run of the tests, unless `PEERSCOPE_FUZZ_SEED` says another. */
export function seedOfRun(): number {
  const given = Number(process.env.PEERSCOPE_FUZZ_SEED);
  return Number.isInteger(given) && given > 0 ? given : 20_240_229;
}

const TELLING = [0, 1, 4, 5, 13, 0x7f, 0x80, 0xff];

/** A copy of `bytes` with a few of them changed, lost, doubled, or more put in between. */
export function mutate(random: Random, bytes: Uint8Array, tokens: readonly Uint8Array[] = []): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  const changes = randomBelow(random, 30) === 0 ? 40 : 4;
  for (let times = randomBelow(random, changes); times > 0 && mutated.length > 0; times--) {
    const at = randomBelow(random, mutated.length);
    const end = at + 1 + randomBelow(random, Math.min(16, mutated.length - at));
    switch (randomBelow(random, tokens.length > 0 ? 9 : 7)) {
      case 0:
        mutated[at] = (mutated[at] as number) ^ (1 << randomBelow(random, 8));
        break;
      case 1:
        mutated[at] = TELLING[randomBelow(random, TELLING.length)] as number;
        break;
      case 2:
        mutated = concatBytes(mutated.subarray(0, at), mutated.subarray(end));
        break;
      case 3:
        mutated = concatBytes(mutated.subarray(0, end), mutated.subarray(at));
        break;
      case 4:
        mutated = concatBytes(mutated.subarray(0, at), randomBytes(random, end - at), mutated.subarray(at));
        break;
      case 5:
        changeDigit(random, mutated, at);
        break;
      case 6:
        mutated = mutated.slice(0, at);
        break;
      default: {
        const token = tokens[randomBelow(random, tokens.length)] as Uint8Array;
        mutated = concatBytes(mutated.subarray(0, at), token, mutated.subarray(at));
      }
    }
  }
  return mutated;
}

/** A digit for a digit keeps a text's shape and changes a number. */
function changeDigit(random: Random, bytes: Uint8Array, from: number): void {
  for (let at = from; at < bytes.length; at++) {
    const value = bytes[at] as number;
    if (value < 0x30 || value > 0x39) continue;
    bytes[at] = 0x30 + randomBelow(random, 10);
    return;
  }
}
