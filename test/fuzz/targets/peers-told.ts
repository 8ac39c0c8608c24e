import { addressText, writeEndpoint } from "../../../core/model/address.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../../../core/model/endpoint.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import {
  decodeHolepunchMessage,
  encodeHolepunchMessage,
  HOLEPUNCH_ERROR,
} from "../../../core/wire/holepunch-message.ts";
import { decodePexMessage, encodePexMessage } from "../../../core/wire/pex-message.ts";
import { claim, pick, type Target } from "../target.ts";
import { bencodeTokens } from "./bencode.ts";

function endpoint(random: Random): Endpoint {
  return { host: addressText(randomBytes(random, pick(random, [4, 16]))) as string, port: randomBelow(random, 65_536) };
}

/** It can be dialled, and told on. */
function judgeEndpoint({ host, port }: Endpoint): void {
  const text = formatEndpoint({ host, port });
  const read = parseEndpoint(text);
  claim(read?.host === host && read.port === port, () => `endpoint ${text}`);
  claim([6, 18].includes(writeEndpoint({ host, port }).length), () => `host ${host}`);
}

/** Whom a message of peers names can be dialled, and there are no more than it has room for. */
export const pexMessage: Target = {
  name: "pex-message",
  share: 30,
  meets: ["added", "dropped", "nothing", "fault"],
  tokens: [...bencodeTokens, ...["5:added", "7:added.f", "6:added6", "7:dropped"].map((text) => Buffer.from(text))],
  make: (random) =>
    encodePexMessage({
      added: Array.from({ length: randomBelow(random, 5) }, () => ({ ...endpoint(random), flags: 31 })),
      dropped: Array.from({ length: randomBelow(random, 3) }, () => endpoint(random)),
    }),
  judge(input) {
    const message = decodePexMessage(input);
    if ("fault" in message) {
      claim(message.fault.length > 0, "a fault without a word");
      return "fault";
    }
    const { added, dropped } = message;
    for (const one of [...added, ...dropped]) judgeEndpoint(one);
    claim(6 * (added.length + dropped.length) <= input.length, () => `${added.length} peers in ${input.length} bytes`);
    claim(
      added.every(({ flags }) => flags >= 0 && flags <= 255),
      "flags beyond a byte",
    );
    if (added.length > 0) return "added";
    return dropped.length > 0 ? "dropped" : "nothing";
  },
};

/** Whom a rendezvous names can be dialled. */
export const holepunchMessage: Target = {
  name: "holepunch-message",
  share: 20,
  meets: ["rendezvous", "connect", "error", "unknown", "fault"],
  make: (random) => {
    const at = endpoint(random);
    return pick(random, [
      () => encodeHolepunchMessage({ kind: "rendezvous", endpoint: at }),
      () => encodeHolepunchMessage({ kind: "connect", endpoint: at }),
      () => encodeHolepunchMessage({ kind: "error", endpoint: at, error: HOLEPUNCH_ERROR.noSupport }),
      () => Uint8Array.of(3, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0),
    ])();
  },
  judge(input) {
    const message = decodeHolepunchMessage(input);
    if (message === undefined) return "unknown";
    if ("fault" in message) {
      claim(message.fault.length > 0, "a fault without a word");
      return "fault";
    }
    judgeEndpoint(message.endpoint);
    return message.kind;
  },
};
