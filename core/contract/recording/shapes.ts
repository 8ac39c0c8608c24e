import * as v from "valibot";
import { addressBytes } from "../../model/address.ts";
import type { FrameBodies } from "./frames.ts";

/** Recordings are given to others: what is read of one is what it claims to be, or it is damaged. */

/** The last one that a `Date` can be. */
const LAST_TIME = 8.64e15;
const time = v.pipe(v.number(), v.minValue(0), v.maxValue(LAST_TIME));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(4096));
const bytes = (length: number) => v.pipe(v.instance(Uint8Array), v.length(length));
const peer = count;
/** No message, and no block that anybody serves, is longer. */
const MAX_MESSAGE = 2 ** 20;

export const headShape = v.object({
  version: text,
  torrent: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  name: v.string(),
  infoHash: bytes(20),
  peer: v.exactOptional(peer),
}) satisfies v.GenericSchema<unknown, FrameBodies["head"]>;

export const streamShape = v.object({
  peer,
  host: v.pipe(
    v.string(),
    v.check((host) => addressBytes(host) !== undefined),
  ),
  port: v.pipe(count, v.maxValue(65_535)),
  direction: v.picklist(["incoming", "outgoing"]),
  transport: v.picklist(["tcp", "utp", "web"]),
  client: v.exactOptional(text),
  openedAt: time,
  theirs: bytes(68),
  ours: bytes(68),
}) satisfies v.GenericSchema<unknown, FrameBodies["stream"]>;

export const marksShape = v.array(
  v.object({
    kind: v.picklist(["came", "left", "piece-failed", "done", "fault"]),
    at: time,
    peer: v.exactOptional(peer),
    text: v.string(),
  }),
) satisfies v.GenericSchema<unknown, FrameBodies["marks"]>;

export const endShape = v.object({ words: v.exactOptional(text) }) satisfies v.GenericSchema<
  unknown,
  FrameBodies["end"]
>;

const wireRecord = v.strictTuple([
  peer,
  v.picklist([0, 1]),
  time,
  v.pipe(v.instance(Uint8Array), v.maxLength(4 + MAX_MESSAGE)),
  v.pipe(count, v.maxValue(MAX_MESSAGE)),
]);
export const wireShape = v.array(wireRecord) satisfies v.GenericSchema<unknown, FrameBodies["wire"]>;

const update = v.looseObject({ kind: v.literal("update"), at: time });
const lists = {
  lives: v.optional(v.array(v.looseObject({ peer }))),
  details: v.optional(v.array(v.looseObject({ peer }))),
};

/** Of states the outer form alone: the views take what is inside as they take an engine's word. */
export const stateShape = v.looseObject({ update, ...lists });
export const changeShape = v.looseObject({ update: v.optional(update), ...lists });
