import { fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";
import { type Random, randomBelow } from "../../../core/model/random.ts";
import { judgeAnswer } from "../../../core/runtime/http/range-answer.ts";
import { claim, pick, type Target } from "../target.ts";

const TOTAL = 100_000_000;
const LENGTH = 65_536;
const NOW = 1_700_000_000_000;
const HEADERS = ["content-range", "content-length", "content-encoding", "retry-after"];

/** Status, offset asked for, then headers, a line each; an empty one is left out. */
function answer(random: Random): Uint8Array {
  const offset = pick(random, [0, 65_536, 50_000_000]);
  const end = offset + LENGTH - 1;
  const lines = [
    pick(random, [206, 206, 200, 404, 503, 302]),
    offset,
    pick(random, [`bytes ${offset}-${end}/${TOTAL}`, `bytes ${offset}-${end}/*`, "bytes */5", "bytes 1-2/3", ""]),
    pick(random, ["", LENGTH, TOTAL, 5]),
    pick(random, ["", "", "identity", "gzip", "br"]),
    pick(random, ["", "120", "Wed, 21 Oct 2065 07:28:00 GMT", "soon", "-5"]),
  ];
  return fromLatin1(lines.slice(0, randomBelow(random, 8) === 0 ? 3 : 6).join("\n"));
}

/** The head of what a web server answers to a request of a range. */
export const webSeedAnswer: Target = {
  name: "web-seed-answer",
  share: 30,
  meets: ["part", "whole", "fault", "later"],
  tokens: ["bytes ", "-", "/", "*", "206", "200"].map(fromLatin1),
  make: answer,
  judge(input) {
    const [status = "", asked = "", ...values] = toLatin1(input).split("\n");
    const offset = /^\d{1,9}$/.test(asked) ? Math.min(Number(asked), TOTAL - LENGTH) : 0;
    const headers: Record<string, string> = {};
    HEADERS.forEach((name, i) => {
      const value = values[i];
      if (value !== undefined && value !== "") headers[name] = value;
    });
    const order = { url: "http://w.test/x", range: { offset, total: TOTAL }, length: LENGTH };
    const judged = judgeAnswer(order, { statusCode: Number(status), headers }, NOW);
    if ("words" in judged) {
      claim(judged.words.length > 0 && judged.words.length <= 256, "words of a bounded length");
      claim(!/[\p{Cc}\p{Cf}]/u.test(judged.words), "words without control characters");
      const { retryAfter } = judged;
      claim(retryAfter === undefined || (Number.isFinite(retryAfter) && retryAfter >= 0), "a time to wait");
      return retryAfter === undefined ? "fault" : "later";
    }
    claim(
      judged.isWhole ? judged.skip === offset && status.includes("200") : judged.skip === 0,
      "bytes in their place",
    );
    if (judged.isWhole) return "whole";
    const bytes = headers["content-range"]?.match(/\d+/g)?.map(Number);
    claim(bytes?.[0] === offset && bytes[1] === offset + LENGTH - 1, "the range that was asked for");
    return "part";
  },
};
