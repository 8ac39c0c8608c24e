import type { Timestamp } from "./units.ts";

/** The id byte of a peer message: BEP 3, 5 (port), 6 (fast), 10 (extended) and 52 (hashes). */
export const MESSAGE = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

/** Has no id of its own: a message of length 0. */
export const KEEP_ALIVE = -1;

const NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [KEEP_ALIVE, "keep-alive"],
  [MESSAGE.choke, "choke"],
  [MESSAGE.unchoke, "unchoke"],
  [MESSAGE.interested, "interested"],
  [MESSAGE.notInterested, "not interested"],
  [MESSAGE.have, "have"],
  [MESSAGE.bitfield, "bitfield"],
  [MESSAGE.request, "request"],
  [MESSAGE.piece, "piece"],
  [MESSAGE.cancel, "cancel"],
  [MESSAGE.port, "port"],
  [MESSAGE.suggest, "suggest"],
  [MESSAGE.haveAll, "have all"],
  [MESSAGE.haveNone, "have none"],
  [MESSAGE.reject, "reject"],
  [MESSAGE.allowedFast, "allowed fast"],
  [MESSAGE.extended, "extended"],
  [MESSAGE.hashRequest, "hash request"],
  [MESSAGE.hashes, "hashes"],
  [MESSAGE.hashReject, "hash reject"],
]);

/** As the documents call it: `not interested`, `keep-alive`, `message 77`. */
export function messageName(id: number): string {
  return NAMES.get(id) ?? `message ${id}`;
}

/** Extensions whose messages are known by name (BEP 9, 11, 54, 55); their place here stands for them in numbers. */
export const EXTENSION_NAMES = ["ut_pex", "ut_metadata", "ut_holepunch", "lt_donthave"] as const;

/**
 * One message as numbers. What `a`, `b` and `c` are depends on `id`, −1 where there is none:
 * have, suggest, allowed fast: the piece · request, piece, cancel, reject: the piece, where the block begins in it, its
 * bytes · extended: the id that its receiver gave it (0: the handshake), its bytes, its place in
 * {@link EXTENSION_NAMES} · bitfield: how many pieces are set · port: the port · hash request, hashes, hash reject: the
 * first node, how many, the height of their layer · any other: its bytes.
 */
export interface WireMessage {
  /** `in`: from the peer; `out`: from us. */
  readonly way: "in" | "out";
  readonly at: Timestamp;
  /** A {@link MESSAGE}, {@link KEEP_ALIVE}, or what nobody knows. */
  readonly id: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** The message in words: `have 17`, `request 3 @ 16384, 16384 bytes`. */
export function messageText({ id, a, b, c }: WireMessage): string {
  switch (id) {
    case MESSAGE.have:
    case MESSAGE.suggest:
    case MESSAGE.allowedFast:
      return `${messageName(id)} ${a}`;
    case MESSAGE.request:
    case MESSAGE.piece:
    case MESSAGE.cancel:
    case MESSAGE.reject:
      return `${messageName(id)} ${a} @ ${b}, ${c} bytes`;
    case MESSAGE.extended:
      return a === 0 ? "extended handshake" : `${EXTENSION_NAMES[c] ?? `extended message ${a}`}, ${b} bytes`;
    case MESSAGE.bitfield:
      return `bitfield, ${a} pieces`;
    case MESSAGE.port:
      return `DHT port ${a}`;
    case MESSAGE.hashRequest:
    case MESSAGE.hashes:
    case MESSAGE.hashReject:
      return `${messageName(id)}, ${b} from ${a} at height ${c}`;
    default:
      return messageName(id);
  }
}
