import { bytesEqual, concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { HttpConnect } from "../../../core/runtime/net/http-connect.ts";
import { SocksGreeting, unwrapDatagram, wrapDatagram } from "../../../core/runtime/net/socks.ts";
import type { TunnelTalk } from "../../../core/runtime/net/tunnel.ts";
import { chanceOf, claim, cut, pick, type Target } from "../target.ts";

function socksReply(random: Random): Uint8Array {
  const [type, length] = pick(random, [[1, 6] as const, [4, 18] as const, [3, 3] as const, [9, 6] as const]);
  const address = type === 3 ? Uint8Array.of(1, 0x61, 0, 80) : randomBytes(random, length);
  return concatBytes(Uint8Array.of(5, pick(random, [0, 0, 0, 5, 200]), 0, type), address);
}

/** Says one answer after another, in chunks as they come. @returns What came through behind the last, or undefined. */
function hear(talk: TunnelTalk, chunks: Iterable<Uint8Array>): { words?: string; through?: Uint8Array } | undefined {
  talk.begin();
  let through: Uint8Array | undefined;
  for (const chunk of chunks) {
    if (through !== undefined) {
      through = concatBytes(through, chunk);
      continue;
    }
    const progress = talk.receive(chunk);
    if (progress.kind === "refused") return { words: progress.words };
    if (progress.kind === "open") through = Uint8Array.from(progress.rest);
  }
  return through === undefined ? undefined : { through };
}

/** A datagram that is passed on says whom it is from and what it holds, in one way only, but for how a name is written. */
function passedOn(bytes: Uint8Array): string {
  const passed = unwrapDatagram(bytes);
  if (passed === undefined) return "no datagram";
  const again = unwrapDatagram(wrapDatagram(passed.datagram, passed.from));
  claim(again !== undefined && bytesEqual(again.datagram, passed.datagram), "it holds something else in turn");
  claim(again?.from.port === passed.from.port, "it is from another port in turn");
  return "datagram";
}

/** Whatever a proxy says: it has opened a way, refused in words, or is not done; the first byte says how it is asked. */
export const proxyAnswers: Target = {
  name: "proxy-answers",
  share: 20,
  meets: ["datagram", "no datagram", "socks opened", "http opened", "refused", "unfinished"],
  tokens: ["\r\n", "HTTP/1.1 200", "\u0005\u0000", "\u0001\u0000"].map(fromLatin1),
  make(random) {
    const rest = randomBytes(random, randomBelow(random, 9));
    if (randomBelow(random, 3) === 0) {
      const to = { host: pick(random, ["192.0.2.1", "2001:db8::1", "peer.test"]), port: 6881 };
      return concatBytes(Uint8Array.of(2), wrapDatagram(rest, to));
    }
    if (randomBelow(random, 2) === 0) return concatBytes(Uint8Array.of(0), socksReply(random), rest);
    const head = `HTTP/1.${randomBelow(random, 3)} ${pick(random, ["200", "200 OK", "407 No", "2000"])}\r\n`;
    return concatBytes(Uint8Array.of(1), fromLatin1(`${head}a: b\r\n\r\n`), rest);
  },
  judge(input) {
    const [how = 0] = input;
    if ((how & 2) === 2) return passedOn(input.subarray(1));
    const isHttp = (how & 1) === 1;
    const to = { host: "peer.test", port: 6881 };
    const answer = input.subarray(1);
    const talk = (): TunnelTalk => {
      if (isHttp) return new HttpConnect({}, to);
      const socks = new SocksGreeting({}, to);
      socks.receive(Uint8Array.of(5, 0));
      return socks;
    };
    const whole = hear(talk(), [answer]);
    const parts = hear(talk(), cut(chanceOf(input), answer, 5));
    claim(whole?.words === parts?.words, () => `${whole?.words} becomes ${parts?.words} in parts`);
    claim((whole?.through === undefined) === (parts?.through === undefined), "it opens otherwise in parts");
    if (whole?.through !== undefined && parts?.through !== undefined) {
      claim(bytesEqual(whole.through, parts.through), "what came through is otherwise in parts");
      return isHttp ? "http opened" : "socks opened";
    }
    claim(whole?.words !== "", "it is refused without a word");
    return whole === undefined ? "unfinished" : "refused";
  },
};
