import { addressText } from "../../../core/model/address.ts";
import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { IpFilterReader } from "../../../core/model/ip-filter-list.ts";
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

/** Whatever a list says: its ranges are in order and apart, and it reads the same however it comes. */
export const ipFilter: Target = {
  name: "ip-filter",
  share: 20,
  meets: ["ranges", "bad lines", "nothing"],
  tokens: ["-", ":", ",", "/", ".", "\n", "0.0.0.0", "::"].map(fromLatin1),
  make: (random) =>
    concatBytes(...Array.from({ length: randomBelow(random, 6) }, () => fromLatin1(`${line(random)}\n`))),
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
