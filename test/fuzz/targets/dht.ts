import { decodeMessage } from "../../../core/dht/decode.ts";
import { encodeAnswer, encodeQuery, encodeRefusal } from "../../../core/dht/encode.ts";
import type { Question } from "../../../core/dht/message.ts";
import { decodeDhtState, encodeDhtState } from "../../../core/dht/state.ts";
import { bytesEqual, fromLatin1 } from "../../../core/model/bytes.ts";
import { randomBytes, seededRandom } from "../../../core/model/random.ts";
import { LoneDht, name, VERSION } from "../../unit/dht/lone-dht.ts";
import { claim, type Target } from "../target.ts";
import { bencodeTokens, makerOf } from "./bencode.ts";

const START = { host: "1.2.3.4", port: 5 };
const STRANGER = { host: "5.6.7.8", port: 9 };
const target = name(1, 2, 3);

/** The same every time: in a search, with one question under way. */
function searching() {
  const lone = new LoneDht(["ipv4", "ipv6"]);
  lone.dht.addStart(START, false);
  lone.dht.lookup(target, { isSeed: false, scrape: true, found: () => undefined });
  lone.wait(500);
  return { lone, asked: lone.taken() };
}

const transaction = searching().asked[0]?.message.transaction ?? new Uint8Array(2);
const questions: readonly Question[] = [
  { method: "ping" },
  { method: "find_node", target },
  { method: "get_peers", infoHash: target, noSeeds: true, scrape: true },
  { method: "sample_infohashes", target },
  { method: "announce_peer", infoHash: target, token: Uint8Array.of(1), port: 5, impliedPort: true, isSeed: false },
  { method: "get", target, sequence: 3 },
  { method: "put", token: Uint8Array.of(1), item: { value: fromLatin1("li1e3:abce") }, salt: target, expected: 2 },
];
const sender = { id: name(0xee), version: VERSION, isReadOnly: false };
const filter = randomBytes(seededRandom(1), 256);
const corpus = [
  ...questions.map((question) => encodeQuery(sender, Uint8Array.of(7, 7), question, ["ipv4", "ipv6"])),
  encodeAnswer(sender, transaction, STRANGER, {}),
  encodeAnswer(sender, transaction, STRANGER, {
    nodes: [{ id: name(1), host: "9.9.9.9", port: 1 }],
    nodes6: [{ id: name(2), host: "2a00::1", port: 2 }],
    token: Uint8Array.of(1, 2),
    peers: [STRANGER, { host: "2a00::2", port: 3 }],
    seedFilter: filter,
    peerFilter: filter,
  }),
  encodeAnswer(sender, transaction, STRANGER, {
    item: {
      value: fromLatin1("d1:ai1ee"),
      signed: { key: new Uint8Array(32), signature: new Uint8Array(64), sequence: 7 },
    },
  }),
  encodeRefusal(sender, transaction, 203, "no"),
];

/** Whatever a datagram says is read, or refused in words that can be shown. */
export const dhtMessage: Target = {
  name: "dht-message",
  share: 36,
  meets: ["query", "answer", "refusal", "fault"],
  tokens: bencodeTokens,
  make: makerOf(corpus),
  judge(input) {
    const message = decodeMessage(input);
    if (message.kind === "fault") {
      claim(/^[\x20-\x7e]{1,400}$/.test(message.words), () => `fault in words: ${JSON.stringify(message.words)}`);
    } else claim(message.transaction.length <= 32, () => `transaction of ${message.transaction.length} bytes`);
    return message.kind;
  },
};

/** Nothing goes back to a stranger that is more than three times as long; answers are heard in a search under way. */
export const dhtSearch: Target = {
  name: "dht-search",
  share: 4,
  meets: ["answered", "silent", "went on"],
  tokens: bencodeTokens,
  make: makerOf(corpus),
  judge(input) {
    const { lone } = searching();
    lone.dht.received(input, STRANGER, lone.now);
    const back = lone.taken().filter(({ to }) => to.host === STRANGER.host);
    const length = back.reduce((sum, { bytes }) => sum + bytes.length, 0);
    claim(length <= 3 * input.length, () => `${length} bytes went back for ${input.length}`);
    lone.dht.received(input, START, lone.now);
    lone.taken();
    lone.wait(1000);
    const others = lone.taken().filter(({ to }) => to.host !== START.host && to.host !== STRANGER.host);
    return [back.length > 0 ? "answered" : "silent", ...(others.length > 0 ? ["went on"] : [])];
  },
};

const kept = { id: name(1), nodes: [START, STRANGER] };
const keptIpv6 = { id: name(2), nodes: [{ host: "2a00::1", port: 2 }] };

/** What is read of an earlier run is what would be kept again. */
export const dhtState: Target = {
  name: "dht-state",
  share: 20,
  meets: ["ipv4", "ipv6", "nothing"],
  tokens: bencodeTokens,
  make: makerOf([encodeDhtState({ ipv4: kept, ipv6: keptIpv6 }), encodeDhtState({ ipv4: kept })]),
  judge(input) {
    const state = decodeDhtState(input);
    const again = encodeDhtState(state);
    claim(bytesEqual(encodeDhtState(decodeDhtState(again)), again), "written again it is another");
    const families = Object.keys(state);
    return families.length === 0 ? "nothing" : families;
  },
};
