import type { Dispatcher } from "undici";
import { type Bytes, MIB, type Millis } from "../../model/units.ts";
import type { RangeFault } from "../../swarm/web-seed-link.ts";
import type { RangeOrder } from "../../swarm/web-seed-urls.ts";

/** Bytes before those that were asked for, of a server that knows no ranges: more is worth no request. */
const MAX_SKIPPED: Bytes = 4 * MIB;

/** What an answer is good for: after so many bytes those come that were asked for. */
export interface GoodAnswer {
  readonly skip: Bytes;
  /** It may go on behind them: it is the whole file. */
  readonly isWhole: boolean;
}

type Answer = Pick<Dispatcher.ResponseData, "statusCode" | "headers">;

/** Judges an answer by its head, before a byte of it is believed. */
export function judgeAnswer({ range, length }: RangeOrder, answer: Answer, now: Millis): GoodAnswer | RangeFault {
  const { statusCode, headers } = answer;
  if (statusCode !== 206 && statusCode !== 200) {
    const retryAfter = retryTime(headers["retry-after"], now);
    return { ...fault(`HTTP status ${statusCode}`), ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  const encoding = String(headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "") return fault(`its answer is packed as ${shown(encoding)}`);
  const given = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  if (range === undefined) {
    if (given === undefined || given === length) return { skip: 0, isWhole: false };
    return fault(`its answer is ${given} bytes, ${length} were asked for`);
  }
  if (statusCode === 206) return judgePart(range, length, String(headers["content-range"] ?? ""), given);
  if (given !== undefined && given !== range.total) {
    return fault(`its file has ${given} bytes, the torrent's ${range.total}`);
  }
  if (range.offset <= MAX_SKIPPED) return { skip: range.offset, isWhole: true };
  return fault(`it knows no ranges, and gives the ${range.offset} bytes before the one that was asked for as well`);
}

function judgePart(
  { offset, total }: NonNullable<RangeOrder["range"]>,
  length: Bytes,
  contentRange: string,
  given: Bytes | undefined,
): GoodAnswer | RangeFault {
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(contentRange.trim());
  if (match === null) return fault(`its range is "${shown(contentRange)}"`);
  const [, first, last, whole] = match;
  if (whole !== "*" && Number(whole) !== total) return fault(`its file has ${whole} bytes, the torrent's ${total}`);
  const end = offset + length - 1;
  if (Number(first) !== offset || Number(last) !== end) {
    return fault(`it gave bytes ${first}-${last}, asked for ${offset}-${end}`);
  }
  if (given !== undefined && given !== length) return fault(`its answer is ${given} bytes, ${length} were asked for`);
  return { skip: 0, isWhole: false };
}

/** `Retry-After` (RFC 9110): seconds, or a date. */
function retryTime(header: string | string[] | undefined, now: Millis): Millis | undefined {
  const text = String(header ?? "");
  if (/^\d{1,9}$/.test(text)) return 1000 * Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= now ? undefined : at - now;
}

/** A stranger's words within ours. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "·").slice(0, 80);
}

function fault(words: string): RangeFault {
  return { words, by: "peer" };
}
