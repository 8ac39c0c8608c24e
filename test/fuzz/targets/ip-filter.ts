import { addressText } from "../../../core/model/address.ts";
import { concatBytes, fromLatin1, writeUint32 } from "../../../core/model/bytes.ts";
import { IpFilterReader } from "../../../core/model/ip-filter-list.ts";
import { P2B_HEAD } from "../../../core/model/ip-filter-p2b.ts";
import { type Random, randomBelow } from "../../../core/model/random.ts";
import { chanceOf, claim, cut, pick, type Target } from "../target.ts";

const address = (random: Random): string =>
  pick(random, ["192.0.2.1", "010.000.000.255", "255.255.255.255", "::", "2001:db8::ff", "::ffff:1.2.3.4", "1.2.3"]);

function line(random: Random): string {
  const [a, b] = [address(random), address(random)];
  return pick(random, [
    `Some: one, 1-2:${a}-${b}`,
    `${a} - ${b} , ${pick(random, ["000", "127", "128", "x"])} , name`,
    `${a}/${randomBelow(random, 140)}`,
    a,
    "# comment",
    "",
  ]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value);
  return bytes;
}

/** A PeerGuardian binary list. */
function binary(random: Random): Uint8Array {
  const version = pick(random, [1, 2, 3, 3, 4]);
  const count = randomBelow(random, 4);
  const name = fromLatin1(`${pick(random, ["", "Some", "x".repeat(100)])}\0`);
  const head = concatBytes(P2B_HEAD, Uint8Array.of(version));
  const ranges = Array.from({ length: count }, () => {
    const range = concatBytes(
      uint32(0xc0000200 + randomBelow(random, 300)),
      uint32(0xc0000200 + randomBelow(random, 300)),
    );
    return concatBytes(version < 3 ? name : uint32(0), range);
  });
  return version < 3 ? concatBytes(head, ...ranges) : concatBytes(head, uint32(1), name, uint32(count), ...ranges);
}

/** Whatever a list says: its ranges are in order and apart, and it reads the same however it comes. */
export const ipFilter: Target = {
  name: "ip-filter",
  share: 20,
  meets: ["ranges", "bad lines", "nothing"],
  tokens: ["\u00ff\u00ff\u00ff\u00ffP2B\u0003", "-", ":", ",", "/", ".", "\n", "0.0.0.0", "::"].map(fromLatin1),
  make: (random) =>
    randomBelow(random, 3) === 0
      ? binary(random)
      : concatBytes(...Array.from({ length: randomBelow(random, 6) }, () => fromLatin1(`${line(random)}\n`))),
  judge(input) {
    const whole = new IpFilterReader();
    whole.write(input);
    const { filter, badLines, firstBad } = whole.end();
    const parts = new IpFilterReader();
    for (const part of cut(chanceOf(input), input, 40)) parts.write(part);
    const again = parts.end();
    claim(again.badLines === badLines && again.filter.size === filter.size, "it reads otherwise in parts");
    claim(badLines > 0 === (firstBad !== undefined), "bad lines that are not shown");
    for (const [ranges, width] of [[filter.ipv4, 4] as const, [filter.ipv6, 16] as const]) {
      let before = -2n;
      for (let at = 0; at < ranges.length; at += width) {
        const bytes = ranges.subarray(at, at + width);
        const value = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
        const isFirst = at % (2 * width) === 0;
        claim(isFirst ? value > before + 1n : value >= before, () => `${value} after ${before}`);
        const text = addressText(bytes) as string;
        // The end of a range of IPv6 may be an IPv4 address in disguise, which is of the other kind.
        claim(text.includes(":") !== (width === 16) || filter.blocks(text), () => `${text} is in no range`);
        before = value;
      }
    }
    if (badLines > 0) return filter.size > 0 ? ["ranges", "bad lines"] : "bad lines";
    return filter.size > 0 ? "ranges" : "nothing";
  },
};
