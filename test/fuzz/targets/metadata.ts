import { concatBytes } from "../../../core/model/bytes.ts";
import { type Random, randomBelow } from "../../../core/model/random.ts";
import { decodeMetadataMessage, encodeMetadataMessage, METADATA_PART } from "../../../core/wire/metadata-message.ts";
import { claim, pick, type Target } from "../target.ts";
import { bencodeTokens } from "./bencode.ts";

/** A part of metadata, the last one mostly: it is the short one. */
function part(random: Random): Uint8Array {
  const number = randomBelow(random, 3);
  const rest = pick(random, [0, 1, 10, 10, 10]);
  const size = number * METADATA_PART + rest;
  return encodeMetadataMessage({ kind: "data", part: number, size, bytes: new Uint8Array(rest) });
}

/** What is taken for a part lies within the metadata, and has the length that its place has. */
export const metadataMessage: Target = {
  name: "metadata-message",
  share: 40,
  meets: ["request", "reject", "data", "unknown", "fault"],
  tokens: [...bencodeTokens, ...[3, -1, 2 ** 31].map((value) => new TextEncoder().encode(`8:msg_typei${value}e`))],
  make: (random) =>
    pick(random, [
      () => part(random),
      () => encodeMetadataMessage({ kind: "request", part: randomBelow(random, 2000) }),
      () => concatBytes(encodeMetadataMessage({ kind: "reject", part: 1 })),
    ])(),
  judge(input) {
    const message = decodeMetadataMessage(input);
    if (message === undefined) return "unknown";
    if ("fault" in message) {
      claim(message.fault.length > 0, "a fault without a word");
      return "fault";
    }
    claim(Number.isSafeInteger(message.part) && message.part >= 0, () => `part ${message.part}`);
    if (message.kind !== "data") return message.kind;
    const begin = message.part * METADATA_PART;
    claim(begin < message.size, () => `part ${message.part} of ${message.size} bytes`);
    const length = Math.min(METADATA_PART, message.size - begin);
    claim(message.bytes.length === length, () => `${message.bytes.length} bytes, ${length} expected`);
    return "data";
  },
};
