import * as v from "valibot";
import type { Ban } from "../../model/ban.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));

const ban = v.object({
  party: text,
  peerId: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
  evidence: text,
  by: v.picklist(["us", "user"]),
  at: v.pipe(v.number(), v.integer(), v.minValue(0)),
  torrent: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  torrentName: text,
  client: v.exactOptional(text),
});

/** @returns Undefined when it is not a ban as we keep them. */
export function readBan(value: unknown): Ban | undefined {
  const read = v.safeParse(ban, value);
  return read.success ? read.output : undefined;
}
