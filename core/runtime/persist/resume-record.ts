import * as v from "valibot";
import { Bitfield } from "../../model/bitfield.ts";
import { concatBytes } from "../../model/bytes.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Timestamp } from "../../model/units.ts";
import type { TorrentRecord } from "../../session/torrent-record.ts";
import type { FileStamp } from "../disk/storage.ts";

/** Endpoints kept of a torrent: enough to be in the swarm again before a tracker answers. */
export const MOST_KEPT_PEERS = 200;

const VERSION = 1;
const NEW_LINE = 0x0a;

/** What is kept of one torrent beside its .torrent. */
export interface ResumeRecord extends Omit<TorrentRecord, "metainfo" | "unchecked"> {
  readonly id: TorrentId;
  /** Verified, written and flushed before `stamps` were taken. */
  readonly verified: Bitfield;
  /** Verified and written, perhaps not flushed. Those of `verified` may be among them. */
  readonly written: Bitfield;
  /** Every file as it was when the record was made, in the torrent's order; undefined for an absent one. */
  readonly stamps: readonly (FileStamp | undefined)[];
  /** Nothing was being written when the record was made, nor after it: paused, complete, or quitting. */
  readonly isAtRest: boolean;
  /** A check of the whole torrent was not finished: nothing above is to be believed. */
  readonly mustCheck?: boolean;
  /** When the record was made. */
  readonly savedAt: Timestamp;
  /** See {@link bootName}. */
  readonly boot: string;
}

const amount = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const count = v.pipe(amount, v.integer());
const header = v.object({
  version: v.literal(VERSION),
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  folder: v.pipe(v.string(), v.minLength(1)),
  addedAt: amount,
  completedAt: v.optional(amount),
  isPaused: v.boolean(),
  unwantedFiles: v.array(count),
  downloaded: count,
  uploaded: count,
  wasted: count,
  downLimit: v.optional(count, 0),
  upLimit: v.optional(count, 0),
  isSuperSeeding: v.optional(v.boolean(), false),
  asksForFiles: v.optional(v.boolean(), false),
  selected: v.optional(v.array(v.tuple([count, count]))),
  isSequential: v.optional(v.boolean(), false),
  maxConnections: v.optional(count, 0),
  unchokeSlots: v.optional(count, 0),
  priorities: v.optional(v.array(v.tuple([count, v.picklist(["high", "low"])])), []),
  extraTrackers: v.array(v.array(v.string())),
  editedTrackers: v.optional(v.array(v.array(v.string()))),
  knownPeers: v.array(
    v.object({
      host: v.pipe(v.string(), v.maxLength(255)),
      port: v.pipe(count, v.minValue(1), v.maxValue(65535)),
    }),
  ),
  /** 0: the metadata was not there yet. */
  pieceCount: count,
  /** Size and modification time, or null. */
  stamps: v.array(v.nullable(v.tuple([count, v.pipe(v.number(), v.finite())]))),
  isAtRest: v.boolean(),
  mustCheck: v.optional(v.boolean(), false),
  savedAt: amount,
  boot: v.string(),
});

/** One line of JSON, then the two bitfields. */
export function encodeResume(record: ResumeRecord): Uint8Array {
  const { verified, written, stamps, knownPeers, ...rest } = record;
  const line = {
    version: VERSION,
    ...rest,
    knownPeers: knownPeers.slice(0, MOST_KEPT_PEERS),
    pieceCount: verified.length,
    stamps: stamps.map((stamp) => (stamp ? [stamp.size, stamp.modifiedAt] : null)),
  };
  return concatBytes(new TextEncoder().encode(`${JSON.stringify(line)}\n`), verified.bytes, written.bytes);
}

/** @returns The record, or in words what is wrong with it. */
export function decodeResume(bytes: Uint8Array): ResumeRecord | string {
  const end = bytes.indexOf(NEW_LINE);
  if (end < 0) return "it has no first line";
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  const result = v.safeParse(header, json, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    return `${v.getDotPath(issue) ?? "the record"}: ${issue.message}`;
  }
  const { version: _, pieceCount, stamps, completedAt, editedTrackers, selected, ...rest } = result.output;
  const half = Bitfield.byteLength(pieceCount);
  const fields = bytes.subarray(end + 1);
  if (fields.length !== 2 * half) return `${fields.length} bytes of bitfields for ${pieceCount} pieces`;
  return {
    ...rest,
    ...(completedAt === undefined ? {} : { completedAt }),
    ...(editedTrackers === undefined ? {} : { editedTrackers }),
    ...(selected === undefined ? {} : { selected }),
    stamps: stamps.map((stamp) => (stamp ? { size: stamp[0], modifiedAt: stamp[1] } : undefined)),
    verified: Bitfield.fromBytes(fields.subarray(0, half), pieceCount),
    written: Bitfield.fromBytes(fields.subarray(half), pieceCount),
  };
}
