import { type BencodeInput, type BencodeValue, decodeBencode, encodeBencode } from "../../../core/model/bencode.ts";
import { bytesEqual, fromLatin1 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { mutate } from "../mutate.ts";
import { claim, pick, type Target } from "../target.ts";

/** What breaks decoders of bencode. */
export const bencodeTokens: readonly Uint8Array[] = [
  "i-0e",
  "i03e",
  "i0e",
  "l",
  "d",
  "e",
  "9999999999:",
  "-1:",
  "i9223372036854775807e",
  "i9007199254740993e",
  "2:..",
  "9:__proto__",
  "0:",
  "1:ai1e1:ai2e",
  "l".repeat(101),
].map(fromLatin1);

export function randomValue(random: Random, depth = 0): BencodeInput {
  switch (randomBelow(random, depth > 4 ? 2 : 4)) {
    case 0:
      return (random.uint32() >>> randomBelow(random, 32)) * (randomBelow(random, 4) === 0 ? -1 : 1);
    case 1:
      return randomBytes(random, randomBelow(random, 12));
    case 2:
      return Array.from({ length: randomBelow(random, 4) }, () => randomValue(random, depth + 1));
    default:
      return new Map(
        Array.from({ length: randomBelow(random, 4) }, () => [
          pick(random, ["a", "b", "length", "pieces", "\u00ff", "__proto__"]),
          randomValue(random, depth + 1),
        ]),
      );
  }
}

/** Texts and numbers that mean something to somebody who reads bencode. */
const TELLING: readonly BencodeInput[] = [
  -1,
  0,
  1,
  2 ** 31,
  2 ** 53 - 1,
  "",
  ".",
  "..",
  "a/b",
  "NUL",
  "\u0000",
  "x".repeat(300),
  Uint8Array.of(0xff, 0xfe),
  [],
  new Map(),
];

/** The same with a few of its values replaced, left out or doubled: bencode still, where bytes changed would be none. */
export function changedValue(random: Random, value: BencodeInput): BencodeInput {
  const what = randomBelow(random, 40);
  if (what === 0) return pick(random, TELLING);
  if (what === 1) return randomValue(random);
  if (Array.isArray(value)) {
    const items = value.map((item) => changedValue(random, item));
    if (what === 2) items.push(...items);
    if (what === 3) items.pop();
    return items;
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => [key, changedValue(random, item)] as const);
    if (what === 2) entries.splice(randomBelow(random, entries.length), 1);
    if (what === 3) entries.push(["__proto__", randomValue(random)]);
    return new Map(entries);
  }
  if (value instanceof Uint8Array && what === 2) return mutate(random, value);
  return typeof value === "number" && what < 4 ? value + randomBelow(random, 5) - 2 : value;
}

/** Makes inputs of a corpus of bencode: each as it is, or with its values changed. */
export function makerOf(corpus: readonly Uint8Array[]): (random: Random) => Uint8Array {
  const values = corpus.map((bytes) => {
    const decoded = decodeBencode(bytes);
    claim(decoded.ok && isWritable(decoded.value), "the corpus is no bencode");
    return { bytes, value: decoded.value };
  });
  return (random) => {
    const { bytes, value } = pick(random, values);
    return randomBelow(random, 3) === 0 ? bytes : encodeBencode(changedValue(random, value));
  };
}

/** Has no integer beyond what numbers hold, which we read and never write. */
function isWritable(value: BencodeValue): value is BencodeInput & BencodeValue {
  if (typeof value === "bigint") return false;
  if (Array.isArray(value)) return value.every(isWritable);
  return !(value instanceof Map) || [...value.values()].every(isWritable);
}

/** What is read without a warning has one form only: written again it is the same. */
export const bencode: Target = {
  name: "bencode",
  share: 55,
  meets: ["value", "truncated", "trailing", "syntax", "integer", "duplicate-key"],
  tokens: bencodeTokens,
  make: (random) => encodeBencode(randomValue(random)),
  judge(input) {
    const result = decodeBencode(input);
    if (!result.ok) {
      const { kind, offset, words } = result.fault;
      claim(/^[\x20-\x7e]{1,400}$/.test(words), () => `fault in words: ${words}`);
      claim(offset >= 0 && offset <= input.length, () => `fault at ${offset} of ${input.length} bytes`);
      return kind;
    }
    claim(result.end === input.length, () => `ends at ${result.end} of ${input.length} bytes`);
    if (!isWritable(result.value)) return "bigint";
    const again = encodeBencode(result.value);
    if (result.warnings.length === 0) claim(bytesEqual(again, input), "written again it is another");
    else claim(decodeBencode(again).ok, "written again it can't be read");
    return result.warnings.length === 0 ? "value" : "unsorted";
  },
};
