import {
  EXTENSION_NAMES,
  KEEP_ALIVE,
  MESSAGE,
  messageName,
  messageText,
  type WireMessage,
} from "../../core/model/wire-message.ts";
import type { LoggedMessage } from "../store/peer-life.ts";
import { say } from "../words/say.ts";

export const WIRE_KINDS = ["state", "pieces", "requests", "blocks", "extended", "other"] as const;
export type WireKind = (typeof WIRE_KINDS)[number];

/** What of the log is shown. */
export interface WireFilter {
  readonly way: "in" | "out" | undefined;
  readonly kind: WireKind | undefined;
  /** Every word of it is in the message as the documents write it, or names the piece. */
  readonly text: string;
}

export const NO_FILTER: WireFilter = { way: undefined, kind: undefined, text: "" };

/** A line of the log: a message, or how many were lost before the next one. */
export type WireLine =
  | { readonly kind: "message"; readonly message: LoggedMessage }
  | { readonly kind: "gap"; readonly before: number; readonly missing: number };

export function kindOf(id: number): WireKind {
  switch (id) {
    case MESSAGE.choke:
    case MESSAGE.unchoke:
    case MESSAGE.interested:
    case MESSAGE.notInterested:
      return "state";
    case MESSAGE.have:
    case MESSAGE.bitfield:
    case MESSAGE.haveAll:
    case MESSAGE.haveNone:
    case MESSAGE.suggest:
    case MESSAGE.allowedFast:
      return "pieces";
    case MESSAGE.request:
    case MESSAGE.cancel:
    case MESSAGE.reject:
      return "requests";
    case MESSAGE.piece:
      return "blocks";
    case MESSAGE.extended:
      return "extended";
    default:
      return "other";
  }
}

/** The lines that fit, oldest first; what was lost is told where nothing is filtered out. */
export function wireLines(messages: readonly LoggedMessage[], filter: WireFilter): WireLine[] {
  const lines: WireLine[] = [];
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  let next: number | undefined;
  for (const message of messages) {
    if (next !== undefined && message.number > next) {
      lines.push({ kind: "gap", before: message.number, missing: message.number - next });
    }
    next = message.number + 1;
    if (fits(message, filter, words)) lines.push({ kind: "message", message });
  }
  return lines;
}

function fits(message: WireMessage, { way, kind }: WireFilter, words: readonly string[]): boolean {
  if (way !== undefined && message.way !== way) return false;
  if (kind !== undefined && kindOf(message.id) !== kind) return false;
  if (words.length === 0) return true;
  const text = messageText(message).split(/[ ,@]+/);
  return words.every((word) => text.some((part) => (/^\d+$/.test(word) ? part === word : part.startsWith(word))));
}

/** What a message says beside its name, in words. */
export function messageDetail({ id, a, b, c }: WireMessage): string {
  switch (id) {
    case MESSAGE.have:
    case MESSAGE.suggest:
    case MESSAGE.allowedFast:
      return say.peer.pieceNumber(a);
    case MESSAGE.request:
    case MESSAGE.piece:
    case MESSAGE.cancel:
    case MESSAGE.reject:
      return say.peer.blockOf(a, b, c);
    case MESSAGE.extended:
      if (a === 0) return say.peer.handshakeSays(b);
      return say.peer.extensionSays(EXTENSION_NAMES[c] ?? say.peer.unnamed(a), b);
    case MESSAGE.bitfield:
      return say.peer.bitsSet(a);
    case MESSAGE.port:
      return say.peer.portSays(a);
    default:
      return a < 0 ? "" : say.peer.byteCount(a);
  }
}

/** One JSON object a line: number, time, direction, and the message with its numbers by name. */
export function wireJson(lines: readonly WireLine[]): string {
  let text = "";
  for (const line of lines) {
    const { kind } = line;
    text += `${JSON.stringify(kind === "gap" ? { missing: line.missing } : jsonOf(line.message))}\n`;
  }
  return text;
}

function jsonOf({ number, at, way, id, a, b, c }: LoggedMessage): object {
  return { number, at, way, message: messageName(id), ...(id === KEEP_ALIVE ? {} : { id }), ...fieldsOf(id, a, b, c) };
}

function fieldsOf(id: number, a: number, b: number, c: number): object {
  switch (kindOf(id)) {
    case "state":
      return {};
    case "requests":
    case "blocks":
      return { piece: a, begin: b, length: c };
    case "extended":
      return { extension: a === 0 ? "handshake" : (EXTENSION_NAMES[c] ?? a), length: b };
    case "pieces":
      if (id === MESSAGE.bitfield) return { set: a };
      return a < 0 ? {} : { piece: a };
    case "other":
      if (id === MESSAGE.port) return { port: a };
      return a < 0 ? {} : { length: a };
  }
}
