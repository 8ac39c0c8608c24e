import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { MseInitiator, type MseOptions, type MseProgress, MseResponder } from "../../../core/mse/handshake.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { chanceOf, claim, cut, type Target } from "../target.ts";

const { sha1 } = nodeDigest;
const infoHash = sha1(fromLatin1("a torrent"));
const initial = fromLatin1("our BitTorrent handshake");
const METHODS = [0, 1, 2, 3];
/** Key and pad, the longest initial payload with all around it, twice: more is never held. */
const MOST_HELD = 2 * (96 + 512 + 20 + 20 + 14 + 512 + 2 + 4096);

/** The side under test: its keys are the same for every input, so that the other side's words can be made before. */
function sideOf(isInitiator: boolean, methods: number): MseInitiator | MseResponder {
  const options: MseOptions = { sha1, random: seededRandom(1), methods };
  return isInitiator
    ? new MseInitiator(options, infoHash, initial)
    : new MseResponder({ ...options, preferred: 2 }, () => [infoHash]);
}

const sends = (progress: MseProgress): Uint8Array =>
  (progress.kind === "fault" ? undefined : progress.send) ?? new Uint8Array(0);

/** All that an honest other side says to it. */
function honestWords(isInitiator: boolean, methods: number, seed: number): Uint8Array {
  const other: MseOptions = { sha1, random: seededRandom(seed), methods: 3 };
  const side = sideOf(isInitiator, methods);
  if (side instanceof MseInitiator) {
    const responder = new MseResponder({ ...other, preferred: methods === 1 ? 1 : 2 }, () => [infoHash]);
    const key = sends(responder.receive(side.begin()));
    return concatBytes(key, sends(responder.receive(sends(side.receive(key)))), fromLatin1("and more"));
  }
  const initiator = new MseInitiator(other, infoHash, initial);
  const key = initiator.begin();
  return concatBytes(key, sends(initiator.receive(sends(side.receive(key)))), fromLatin1("and more"));
}

/** Two keys cost a thousand times what anything else here does: few conversations, each mutated often. */
const corpus = METHODS.flatMap((methods) =>
  [true, false].flatMap((isInitiator) =>
    [11, 12, 13].map((seed) =>
      concatBytes(Uint8Array.of((methods << 1) | Number(isInitiator)), honestWords(isInitiator, methods, seed)),
    ),
  ),
);

/** The first byte says which side hears the rest. */
export const mse: Target = {
  name: "mse",
  share: 6,
  meets: ["done 1", "done 2", "more", "encryption-sync", "encryption-unknown-key", "encryption-no-common-method"],
  make(random) {
    const made = corpus[randomBelow(random, corpus.length)] as Uint8Array;
    if (randomBelow(random, 3) > 0) return made;
    // A wrong key is found out nowhere but at the end of the search: change what comes after it.
    const at = 97 + randomBelow(random, made.length - 97);
    return concatBytes(made.subarray(0, at), randomBytes(random, randomBelow(random, 8)), made.subarray(at + 1));
  },
  judge(input) {
    const [first = 0] = input;
    const side = sideOf((first & 1) === 1, (first >> 1) & 3);
    const random = chanceOf(input);
    let heard = 0;
    for (const part of cut(random, input.subarray(1), 700)) {
      const progress = side.receive(part.slice());
      heard += part.length;
      if (progress.kind === "fault") {
        claim(progress.detail.length > 0, "a fault without a word");
        return progress.reason;
      }
      if (progress.kind === "more") {
        claim(heard < MOST_HELD, () => `${heard} bytes are held`);
        continue;
      }
      const { method, rest, encrypt, decrypt } = progress.outcome;
      claim((encrypt === undefined) === (method === 1), () => `method ${method} with${encrypt ? "" : "out"} a cipher`);
      claim((decrypt === undefined) === (method === 1), () => `method ${method} with${decrypt ? "" : "out"} a cipher`);
      claim(rest.length <= heard, () => `${rest.length} bytes left of ${heard}`);
      return `done ${method}`;
    }
    return "more";
  },
};
