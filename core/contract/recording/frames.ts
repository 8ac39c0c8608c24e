import { decode, encode } from "@msgpack/msgpack";
import { fromLatin1 } from "../../model/bytes.ts";
import { crc32c } from "../../model/crc32c.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Direction, Transport } from "../../model/peer-face.ts";
import type { Bytes, Timestamp } from "../../model/units.ts";
import type { Update } from "../messages.ts";
import type { PeerLifeUpdate } from "../peer-life.ts";
import type { PeerDetail } from "../views.ts";

/**
 * A recording: what an interface would have been told of one torrent, and what was said on the wire meanwhile.
 *
 * The file begins with {@link RECORDING_MAGIC}; then frames, appended only. A frame is a header of
 * {@link FRAME_HEADER} bytes (length of the body, CRC-32C of the rest of the header and of the body, kind, time) and a body in MessagePack. A
 * frame that is cut or damaged ends the recording: what is before it holds.
 */
export const RECORDING_MAGIC = fromLatin1("PEERSCOPE-REC-1\n");
/** Body length (4), CRC-32C (4), kind (1), time as a float (8). */
export const FRAME_HEADER: Bytes = 17;
/** As Peerscope names the files. */
export const RECORDING_EXTENSION = ".peerscope";
/** What a window can hold when it opens it; hours of a busy torrent. */
export const MAX_RECORDING: Bytes = 256 * 1024 * 1024;
/** Whatever claims to be longer is damage. */
const MAX_BODY: Bytes = 64 * 1024 * 1024;
/** The largest file that is opened: a recording ends with the frame that goes past its bound, and says so after it. */
export const MAX_OPENED: Bytes = MAX_RECORDING + 2 * MAX_BODY;

export interface RecordingHead {
  /** Of the program that recorded. */
  readonly version: string;
  readonly torrent: TorrentId;
  readonly name: string;
  /** 20 bytes, as handshakes have it. */
  readonly infoHash: Uint8Array;
  /** The one peer whose wire was recorded; undefined: everybody's. */
  readonly peer?: number;
}

/** A keyframe: everything. Nothing of what was before it is needed. */
export interface WholeState {
  readonly update: Update;
  /** Of every peer that is connected. */
  readonly lives: readonly PeerLifeUpdate[];
  readonly details: readonly PeerDetail[];
}

/** What an interface was told since the frame before, and what was new in what it would see of each peer. */
export interface StateChange {
  /** Absent when nothing but peers' lives changed. */
  readonly update?: Update;
  readonly lives?: readonly PeerLifeUpdate[];
  readonly details?: readonly PeerDetail[];
}

/** A connection whose messages follow. Its handshakes are here, for they may be older than the recording. */
export interface StreamStart {
  readonly peer: number;
  readonly host: string;
  readonly port: number;
  readonly direction: Direction;
  readonly transport: Transport;
  readonly client?: string;
  readonly openedAt: Timestamp;
  /** 68 bytes each. */
  readonly theirs: Uint8Array;
  readonly ours: Uint8Array;
}

/**
 * A message in plain: whose, 0 from it and 1 from us, when, its bytes with the length prefix, and how many bytes of a
 * block followed, which are left out.
 */
export type WireRecord = readonly [peer: number, way: 0 | 1, at: Timestamp, bytes: Uint8Array, payload: Bytes];

/** Something worth finding again. */
export interface Mark {
  readonly kind: "came" | "left" | "piece-failed" | "done" | "fault";
  readonly at: Timestamp;
  readonly peer?: number;
  /** Who or what, in words. */
  readonly text: string;
}

export interface RecordingEnd {
  /** Why it ended by itself. */
  readonly words?: string;
}

/** What each kind of frame carries. */
export interface FrameBodies {
  readonly head: RecordingHead;
  readonly state: WholeState;
  readonly change: StateChange;
  readonly stream: StreamStart;
  readonly wire: readonly WireRecord[];
  readonly marks: readonly Mark[];
  readonly end: RecordingEnd;
}
export type FrameKind = keyof FrameBodies;

/** By their number in a file. */
const KINDS: readonly FrameKind[] = ["head", "state", "change", "stream", "wire", "marks", "end"];

/** @returns The frame as it is appended to a file, its header before it. */
export function encodeFrame<K extends FrameKind>(kind: K, at: Timestamp, content: FrameBodies[K]): Uint8Array {
  const body = encode(content, { ignoreUndefined: true });
  const frame = new Uint8Array(FRAME_HEADER + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, body.length);
  view.setUint8(8, KINDS.indexOf(kind));
  view.setFloat64(9, at);
  frame.set(body, FRAME_HEADER);
  view.setUint32(4, crc32c(frame.subarray(8)));
  return frame;
}

export interface FramePlace {
  readonly kind: FrameKind;
  readonly at: Timestamp;
  /** Where its body begins and ends. */
  readonly start: Bytes;
  readonly end: Bytes;
}

/** @returns The frame whose header is at `offset`; undefined where there is none, or none that is whole. */
export function frameAt(bytes: Uint8Array, offset: Bytes): FramePlace | undefined {
  const start = offset + FRAME_HEADER;
  if (start > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, FRAME_HEADER);
  const length = view.getUint32(0);
  const kind = KINDS[view.getUint8(8)];
  const end = start + length;
  if (kind === undefined || length > MAX_BODY || end > bytes.length) return undefined;
  if (crc32c(bytes.subarray(offset + 8, end)) !== view.getUint32(4)) return undefined;
  const at = view.getFloat64(9);
  return Number.isFinite(at) ? { kind, at, start, end } : undefined;
}

/** @throws When the body is not MessagePack: its checksum held, so somebody made it so. */
export function decodeBody(bytes: Uint8Array, { start, end }: FramePlace): unknown {
  return decode(bytes.subarray(start, end));
}
