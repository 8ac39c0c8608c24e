import { addressBytes, addressText } from "../model/address.ts";
import { type BencodeInput, type BencodeValue, decodeBencode, encodeBencode } from "../model/bencode.ts";
import { fromLatin1 } from "../model/bytes.ts";
import { type Bytes, KIB } from "../model/units.ts";
import { EXTENSION_NAMES } from "../model/wire-message.ts";
import { EXTENDED, type ExtendedName } from "./extended-id.ts";

/** What a BEP 10 handshake may measure. Real ones are a few hundred bytes. */
export const MAX_EXTENSION_HANDSHAKE = 64 * KIB;
/** Client names are shown in a table cell; no real one is longer. */
const MAX_CLIENT_NAME = 60;
const MAX_EXTENSIONS = 64;

/** The parts of a BEP 10 handshake that we read. */
export interface ExtensionHandshake {
  /** Extension name → the id it wants, 0 when switched off. */
  readonly extensions: ReadonlyMap<string, number>;
  readonly client?: string;
  readonly listenPort?: number;
  /** Requests it queues (`reqq`). */
  readonly requestLimit?: number;
  /** BEP 21. */
  readonly uploadOnly?: boolean;
  /** Our address as it sees it (`yourip`). */
  readonly ourAddress?: string;
  /** Bytes of the info dictionary (BEP 9). */
  readonly metadataSize?: number;
  /** All of it in readable form. */
  readonly text: string;
}

/** What we tell. */
export interface OurExtensionHandshake {
  readonly client: string;
  readonly listenPort: number | undefined;
  readonly requestLimit: number;
  readonly uploadOnly: boolean;
  /** The peer's address as we see it. */
  readonly itsAddress?: string;
  /** Extended messages that it may send us. */
  readonly extensions: readonly ExtendedName[];
  /** Bytes of the info dictionary, where we have it (BEP 9). */
  readonly metadataSize?: Bytes | undefined;
}

export function encodeExtensionHandshake(ours: OurExtensionHandshake): Uint8Array {
  const fields = new Map<string, BencodeInput>([
    ["m", new Map(ours.extensions.map((name) => [name, EXTENDED[name]]))],
    ["reqq", ours.requestLimit],
    ["v", fromLatin1(ours.client)],
  ]);
  if (ours.listenPort !== undefined) fields.set("p", ours.listenPort);
  if (ours.metadataSize !== undefined) fields.set("metadata_size", ours.metadataSize);
  const itsAddress = addressBytes(ours.itsAddress ?? "");
  if (itsAddress !== undefined) fields.set("yourip", itsAddress);
  // Said either way: a later handshake may take it back.
  fields.set("upload_only", ours.uploadOnly ? 1 : 0);
  return encodeBencode(fields);
}

/** Fields of a wrong type are passed over, as every client does; a handshake that is no dictionary is a fault. */
export function decodeExtensionHandshake(bytes: Uint8Array): ExtensionHandshake | { readonly fault: string } {
  const decoded = decodeBencode(bytes);
  if (!decoded.ok) return { fault: `handshake: ${decoded.fault.words}` };
  const fields = decoded.value;
  if (!(fields instanceof Map)) return { fault: "handshake is no dictionary" };
  const extensions = new Map<string, number>();
  const named = fields.get("m");
  if (named instanceof Map) {
    for (const [name, id] of named) {
      if (typeof id === "number" && id >= 0 && id <= 255 && extensions.size < MAX_EXTENSIONS) extensions.set(name, id);
    }
  }
  const client = fields.get("v");
  const listenPort = whole(fields.get("p"), 1, 65535);
  const requestLimit = whole(fields.get("reqq"), 0, Number.MAX_SAFE_INTEGER);
  const uploadOnly = whole(fields.get("upload_only"), 0, 1);
  const told = fields.get("yourip");
  const ourAddress = told instanceof Uint8Array ? addressText(told) : undefined;
  const metadataSize = whole(fields.get("metadata_size"), 1, Number.MAX_SAFE_INTEGER);
  return {
    extensions,
    ...(client instanceof Uint8Array && client.length > 0 ? { client: shownText(client, MAX_CLIENT_NAME) } : {}),
    ...(listenPort === undefined ? {} : { listenPort }),
    ...(requestLimit === undefined ? {} : { requestLimit }),
    ...(uploadOnly === undefined ? {} : { uploadOnly: uploadOnly === 1 }),
    ...(ourAddress === undefined ? {} : { ourAddress }),
    ...(metadataSize === undefined ? {} : { metadataSize }),
    text: readable(fields),
  };
}

/** @returns Which of {@link EXTENSION_NAMES} it means by the id; −1: none of them. */
export function placeOfExtension(handshake: ExtensionHandshake | undefined, id: number): number {
  return EXTENSION_NAMES.findIndex((name) => id !== 0 && handshake?.extensions.get(name) === id);
}

function whole(value: BencodeValue | undefined, least: number, most: number): number | undefined {
  return typeof value === "number" && value >= least && value <= most ? value : undefined;
}

/** UTF-8 with what can't be shown replaced, cut to `most` characters. */
function shownText(bytes: Uint8Array, most: number): string {
  const text = new TextDecoder().decode(bytes.subarray(0, most * 4));
  return text.replace(/\p{C}/gu, "·").slice(0, most);
}

const MAX_READABLE = 4000;

function readable(value: BencodeValue): string {
  const write = (part: BencodeValue): string => {
    if (part instanceof Map) return `{${[...part].map(([key, item]) => `${key}: ${write(item)}`).join(", ")}}`;
    if (Array.isArray(part)) return `[${part.map(write).join(", ")}]`;
    if (part instanceof Uint8Array) return isText(part) ? JSON.stringify(shownText(part, 200)) : `<${hex(part)}>`;
    return String(part);
  };
  return write(value).slice(0, MAX_READABLE);
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((value) => value >= 0x20 && value < 0x7f);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 64), (value) => value.toString(16).padStart(2, "0")).join("");
}
