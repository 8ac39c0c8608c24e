import { fromLatin1, toHex } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { type BlockTarget, WireDecoder, type WireSink } from "../../../core/wire/decoder.ts";
import { decodeExtensionHandshake, encodeExtensionHandshake } from "../../../core/wire/extension-handshake.ts";
import {
  decodeReserved,
  encodeHandshake,
  HANDSHAKE_LENGTH,
  HandshakeReader,
  OUR_RESERVED,
} from "../../../core/wire/handshake.ts";
import { MAX_MESSAGE_LENGTH } from "../../../core/wire/message-id.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { chanceOf, claim, cut, pick, type Target } from "../target.ts";
import { bencodeTokens, makerOf } from "./bencode.ts";

const PIECES = 100;
const place = new Uint8Array(16_384);

/** Checks that what it is told is within the limits, and writes it down. */
class Judge implements WireSink {
  readonly told: string[] = [];
  #blockRest = 0;

  keepAlive(): void {
    this.told.push("keep-alive");
  }

  message(id: number, payload: Uint8Array): undefined {
    claim(this.#blockRest === 0, () => `message ${id} within a block`);
    claim(id !== 7, "a block as a message");
    claim(payload.length < MAX_MESSAGE_LENGTH, () => `message ${id} of ${payload.length} bytes`);
    this.told.push(`${id} ${toHex(payload)}`);
  }

  blockBegins(piece: number, begin: number, length: number): BlockTarget | undefined {
    claim(this.#blockRest === 0, "a block within a block");
    claim(length > 0 && length <= 16_384, () => `block of ${length} bytes`);
    this.#blockRest = length;
    this.told.push(`block ${piece} ${begin} ${length}`);
    return begin % 2 === 0 ? { bytes: place, at: 0 } : undefined;
  }

  blockProgress(bytes: number): void {
    this.#blockRest -= bytes;
    claim(this.#blockRest >= 0, () => `${-this.#blockRest} bytes past a block`);
  }

  blockEnds(): undefined {
    claim(this.#blockRest === 0, () => `a block ends ${this.#blockRest} bytes early`);
    this.told.push("block");
  }
}

/** A conversation as a peer would lead it. */
function conversation(random: Random): Uint8Array {
  const writer = new MessageWriter();
  for (let i = randomBelow(random, 12); i >= 0; i--) {
    const id = randomBelow(random, 24);
    if (id === 7) {
      const length = 1 + randomBelow(random, 200);
      writer.blockHeader(random.uint32(), random.uint32(), length);
      writer.raw(randomBytes(random, length));
    } else if (id === 5) writer.payload(5, randomBytes(random, 13));
    else if (id === 20) writer.payload(20, randomBytes(random, 1 + randomBelow(random, 60)));
    else if (id === 9) writer.port(randomBelow(random, 65536));
    else if ([4, 13, 17].includes(id)) writer.piece(id, random.uint32());
    else if ([6, 8, 16].includes(id)) writer.block(id, random.uint32(), random.uint32(), random.uint32());
    else if (id < 4 || id === 14 || id === 15) writer.bare(id);
    else if (id === 10) writer.keepAlive();
    else if (id > 20) writer.payload(id, randomBytes(random, 48 + (id === 22 ? 32 * randomBelow(random, 4) : 0)));
    else writer.payload(id, randomBytes(random, randomBelow(random, 40)));
  }
  return writer.take();
}

/** @returns The fault, and everything told before it. */
function decoded(chunks: Iterable<Uint8Array>, pieceCount: number | undefined) {
  const decoder = new WireDecoder(pieceCount);
  const judge = new Judge();
  for (const chunk of chunks) {
    const fault = decoder.push(chunk, judge);
    if (fault !== undefined) return { fault, told: judge.told.join("\n") };
  }
  return { told: judge.told.join("\n") };
}

/** Cut anywhere, a stream says the same and ends with the same fault. */
export const messages: Target = {
  name: "messages",
  share: 90,
  meets: ["messages", "length prefix", "have", "request", "bitfield", "piece", "hashes"],
  make: conversation,
  judge(input) {
    const random = chanceOf(input);
    const pieceCount = randomBelow(random, 5) === 0 ? undefined : PIECES;
    const whole = decoded([input], pieceCount);
    const parts = decoded(cut(random, input, pick(random, [1, 7, 60])), pieceCount);
    claim(whole.told === parts.told, () => `in one:\n${whole.told}\nin parts:\n${parts.told}`);
    claim(whole.fault?.detail === parts.fault?.detail, () => `${whole.fault?.detail} or ${parts.fault?.detail}`);
    return whole.fault?.message ?? "messages";
  },
};

/** Sixty-eight bytes and not one more, however they are cut; any other protocol is known by its first wrong byte. */
export const handshake: Target = {
  name: "handshake",
  share: 60,
  meets: ["handshake", "foreign", "unfinished"],
  make: (random) =>
    encodeHandshake({
      reserved: randomBelow(random, 2) === 0 ? OUR_RESERVED : randomBytes(random, 8),
      infoHash: randomBytes(random, 20),
      peerId: randomBytes(random, 20),
    }),
  judge(input) {
    const random = chanceOf(input);
    const reader = new HandshakeReader();
    let taken = 0;
    for (const part of cut(random, input, 30)) {
      const used = reader.push(part);
      if (used === undefined) return "foreign";
      taken += used;
      if (used < part.length) break;
    }
    claim(taken === Math.min(input.length, HANDSHAKE_LENGTH), () => `${taken} of ${input.length} bytes were its`);
    const supports = decodeReserved(reader.reserved);
    claim(supports.unknown.length <= 64, () => `${supports.unknown.length} unknown bits`);
    return taken === HANDSHAKE_LENGTH ? "handshake" : "unfinished";
  },
};

/** As clients of today say it. */
const extensionHandshakes = [
  encodeExtensionHandshake({
    client: "x",
    listenPort: 1,
    requestLimit: 500,
    uploadOnly: true,
    extensions: ["ut_metadata"],
  }),
  ...[
    "d12:complete_agoi1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:ut_holepunchi4e11:ut_metadatai2ee13:metadata_sizei123e4:reqqi500e11:upload_onlyi1e1:v18:libtorrent/2.0.8.0e",
    "d1:ei0e1:md11:ut_metadatai3ee13:metadata_sizei77e1:pi51413e4:reqqi512e11:upload_onlyi1e1:v17:Transmission 3.00e",
    "d1:md11:ut_metadatai9ee13:metadata_sizei5e1:pi6881e1:v12:aria2/1.36.0e",
    "d1:md6:ut_pexi1ee1:pi6881e4:reqqi9ee",
  ].map(fromLatin1),
];

/** What it says of itself is bounded before it is shown. */
export const extensionHandshake: Target = {
  name: "extension-handshake",
  share: 80,
  meets: ["handshake", "fault"],
  tokens: bencodeTokens,
  make: makerOf(extensionHandshakes),
  judge(input) {
    const said = decodeExtensionHandshake(input);
    if ("fault" in said) {
      claim(said.fault.length > 0, "a fault without a word");
      return "fault";
    }
    const { text, client = "", listenPort = 1, requestLimit = 0, metadataSize = 1, extensions } = said;
    claim(text.length <= 4000, () => `${text.length} characters of text`);
    claim(client.length <= 60 && !/\p{Cc}/u.test(client), () => `client ${JSON.stringify(client)}`);
    claim(listenPort > 0 && listenPort < 65536, () => `port ${listenPort}`);
    claim(Number.isSafeInteger(requestLimit) && requestLimit >= 0, () => `reqq ${requestLimit}`);
    claim(Number.isSafeInteger(metadataSize) && metadataSize > 0, () => `metadata of ${metadataSize} bytes`);
    claim(extensions.size <= 64, () => `${extensions.size} extensions`);
    for (const id of extensions.values()) claim(id >= 0 && id <= 255, () => `extension ${id}`);
    return "handshake";
  },
};
