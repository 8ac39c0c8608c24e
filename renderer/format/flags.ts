import { PEER_FLAGS, type PeerFlag } from "../../core/model/peer-flags.ts";
import { say } from "../words/say.ts";

const LETTERS = new Set(PEER_FLAGS.map(({ letter }) => letter));

/** The meaning of each letter of `dIT=`; a letter without one is left out. */
export function flagWords(letters: string): PeerFlag[] {
  return [...letters]
    .filter((letter) => LETTERS.has(letter))
    .map((letter) => ({ letter, words: say.values.flags[letter] ?? "" }));
}
