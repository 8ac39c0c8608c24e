import { expect, test } from "vitest";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { concatBytes } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, seededRandom } from "../../../core/model/random.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { multiFile, singleFile } from "../../unit/metainfo/torrents.ts";

const SEED = Number(process.env.FUZZ_SEED ?? 20_240_601);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 20_000);

const seeds = [
  singleFile({ private: 1 }, { announce: "http://a/", comment: "x", "creation date": 5, nodes: [["h", 1]] }),
  multiFile([{ path: ["a", "b"] }, { path: ["a", "c"], attr: "x" }, { path: [".pad", "1"], attr: "p" }]),
  multiFile([{ path: ["l"], attr: "l", length: 0, "symlink path": ["a"] }, { path: ["a"] }]),
  singleFile({
    "meta version": 2,
    "file tree": { "film.mkv": { "": { length: 40_000, "pieces root": new Uint8Array(32) } } },
  }),
];

const TOKENS = [
  "i-0e",
  "i03e",
  "l",
  "d",
  "e",
  "9999999999:",
  "-1:",
  "i9223372036854775807e",
  "2:..",
  "9:__proto__",
  "0:",
];

/** One change of the kinds that break parsers: flipped, cut, doubled, moved, or with a token put in. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const at = randomBelow(random, bytes.length + 1);
  const end = Math.min(bytes.length, at + randomBelow(random, 12));
  switch (randomBelow(random, 5)) {
    case 0: {
      const flipped = bytes.slice();
      if (at < bytes.length) flipped[at] = random.uint32() & 0xff;
      return flipped;
    }
    case 1:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(end));
    case 2:
      return concatBytes(bytes.subarray(0, end), bytes.subarray(at));
    case 3: {
      const token = TOKENS[randomBelow(random, TOKENS.length)] as string;
      return concatBytes(bytes.subarray(0, at), new TextEncoder().encode(token), bytes.subarray(at));
    }
    default: {
      // A digit for a digit keeps the shape and changes a number.
      const changed = bytes.slice();
      for (let i = at; i < changed.length; i++) {
        const value = changed[i] as number;
        if (value < 0x30 || value > 0x39) continue;
        changed[i] = 0x30 + randomBelow(random, 10);
        break;
      }
      return changed;
    }
  }
}

test(`mutated torrents give a torrent or a fault (seed ${SEED})`, () => {
  const random = seededRandom(SEED);
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let bytes = seeds[randomBelow(random, seeds.length)] as Uint8Array;
    for (let changes = randomBelow(random, 4); changes >= 0; changes--) bytes = mutated(bytes, random);
    const result = parseTorrent(bytes, nodeDigest);
    if (!result.ok) {
      if (!/^[\x20-\x7e]{1,400}$/.test(result.fault.words)) throw new Error(`fault in words: ${result.fault.words}`);
      continue;
    }
    accepted++;
    const { torrent } = result;
    const sum = torrent.files.reduce((total, file) => total + file.length, 0);
    const isSound =
      sum === torrent.totalLength &&
      torrent.pieceHashes.length === 20 * torrent.pieceCount &&
      torrent.files.every((file) => file.path.every((part) => part !== "" && !/^\.\.?$|[/\\]/.test(part)));
    if (!isSound) throw new Error(`round ${round} of seed ${SEED} gave an unsound torrent`);
  }
  expect(accepted).toBeGreaterThan(ROUNDS / 100);
}, 20_000);
