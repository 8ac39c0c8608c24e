import { PEER_FLAGS, type PeerFlag } from "../../core/model/peer-flags.ts";

const BY_LETTER = new Map(PEER_FLAGS.map((flag) => [flag.letter, flag]));

/** The meaning of each letter of `dIT=`; a letter without one is left out. */
export function flagWords(letters: string): PeerFlag[] {
  return [...letters].flatMap((letter) => BY_LETTER.get(letter) ?? []);
}
