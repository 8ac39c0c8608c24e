import { asBytes, asDict, asInteger, asList, asText, type BencodeDict, decodeBencode } from "../model/bencode.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { CONTACT_LENGTH, readContacts, readEndpoint } from "./compact.ts";
import { type Item, KEY_LENGTH, MAX_SALT, MAX_VALUE, SIGNATURE_LENGTH, valueBytes } from "./item.ts";
import {
  type Answer,
  type Contact,
  ERROR_PROTOCOL,
  ERROR_SALT_LENGTH,
  ERROR_UNKNOWN_METHOD,
  ERROR_VALUE_LENGTH,
  type Family,
  MAX_DATAGRAM,
  type Message,
  type MessageFault,
  type Query,
  type Question,
  type Refusal,
} from "./message.ts";
import { ID_LENGTH } from "./node-id.ts";

const MAX_DEPTH = 10;
/** Two bytes are common, and some use eight or twenty. It comes back with every answer, so it is bounded. */
const MAX_TRANSACTION = 32;
/** libtorrent's are four bytes, others' eight or twenty. */
const MAX_TOKEN = 64;
const MAX_WORDS = 256;
const FILTER_LENGTH = 256;

/** Something in a message is not what it must be; the words name it. */
class Wrong {
  readonly words: string;
  readonly code: number;
  constructor(words: string, code = ERROR_PROTOCOL) {
    this.words = words;
    this.code = code;
  }
}

/** Reads one datagram. Unknown keys are passed over; bytes of the result are copies. Never throws. */
export function decodeMessage(datagram: Uint8Array): Message | MessageFault {
  const decoded = decodeBencode(datagram, { maxBytes: MAX_DATAGRAM, maxDepth: MAX_DEPTH });
  if (!decoded.ok) return { kind: "fault", words: decoded.fault.words };
  const message = asDict(decoded.value);
  if (message === undefined) return { kind: "fault", words: "no dictionary" };
  const transaction = asBytes(message.get("t"))?.slice();
  if (transaction === undefined || transaction.length === 0 || transaction.length > MAX_TRANSACTION) {
    const found = transaction === undefined ? "none" : `${transaction.length} bytes`;
    return { kind: "fault", words: `transaction id: ${found}, 1 to ${MAX_TRANSACTION} bytes expected` };
  }
  const kind = asText(message.get("y"));
  const result = kind === "q" ? query(message, transaction) : reply(kind, message, transaction);
  if (!(result instanceof Wrong)) return result;
  return {
    kind: "fault",
    words: result.words,
    ...(kind === "q" ? { refusal: { transaction, code: result.code } } : {}),
  };
}

function query(message: BencodeDict, transaction: Uint8Array): Query | Wrong {
  const fields = asDict(message.get("a"));
  if (fields === undefined) return new Wrong("a query without arguments");
  const id = name(fields, "id");
  if (id instanceof Wrong) return id;
  const question = questionOf(asText(message.get("q")) ?? "", fields);
  if (question instanceof Wrong) return question;
  const isReadOnly = asInteger(message.get("ro")) === 1;
  return { kind: "query", transaction, id, question, want: wanted(fields), isReadOnly };
}

function questionOf(method: string, fields: BencodeDict): Question | Wrong {
  switch (method) {
    case "ping":
      return { method };
    case "find_node":
    case "sample_infohashes": {
      const target = name(fields, "target");
      return target instanceof Wrong ? target : { method, target };
    }
    case "get_peers": {
      const infoHash = name(fields, "info_hash");
      if (infoHash instanceof Wrong) return infoHash;
      return { method, infoHash, noSeeds: isSet(fields, "noseed"), scrape: isSet(fields, "scrape") };
    }
    case "announce_peer":
      return announceOf(fields);
    case "get": {
      const target = name(fields, "target");
      return target instanceof Wrong ? target : { method, target, sequence: asInteger(fields.get("seq")) };
    }
    case "put":
      return putOf(fields);
    default: {
      // Whatever it is: who is near a target can be told, and the sender's search goes on (libtorrent's extensions).
      const target = name(fields, fields.has("target") ? "target" : "info_hash");
      if (!(target instanceof Wrong)) return { method: "find_node", target };
      return new Wrong(`unknown method ${shown(method)}`, ERROR_UNKNOWN_METHOD);
    }
  }
}

function announceOf(fields: BencodeDict): Question | Wrong {
  const infoHash = name(fields, "info_hash");
  if (infoHash instanceof Wrong) return infoHash;
  const token = tokenOf(fields);
  if (token === undefined || token instanceof Wrong) return token ?? new Wrong("token: none");
  const impliedPort = isSet(fields, "implied_port");
  const port = asInteger(fields.get("port")) ?? 0;
  if (!impliedPort && !(port >= 1 && port <= 65_535)) return new Wrong(`port ${port}, 1 to 65535 expected`);
  return { method: "announce_peer", infoHash, token, port, impliedPort, isSeed: isSet(fields, "seed") };
}

function putOf(fields: BencodeDict): Question | Wrong {
  const token = tokenOf(fields);
  if (token === undefined || token instanceof Wrong) return token ?? new Wrong("token: none");
  const item = itemOf(fields);
  if (item === undefined || item instanceof Wrong) return item ?? new Wrong("v: none");
  const salt = asBytes(fields.get("salt"))?.slice() ?? new Uint8Array(0);
  if (salt.length > MAX_SALT) {
    return new Wrong(`salt: ${salt.length} bytes, ${MAX_SALT} at most expected`, ERROR_SALT_LENGTH);
  }
  return { method: "put", token, item, salt, expected: asInteger(fields.get("cas")) };
}

/** @returns Undefined when there is none. */
function itemOf(fields: BencodeDict): Item | undefined | Wrong {
  const given = fields.get("v");
  if (given === undefined) return undefined;
  const value = valueBytes(given);
  if (value === undefined) return new Wrong("v: an integer beyond 2^53");
  if (value.length > MAX_VALUE) {
    return new Wrong(`v: ${value.length} bytes, ${MAX_VALUE} at most expected`, ERROR_VALUE_LENGTH);
  }
  if (!fields.has("k")) return { value };
  const key = asBytes(fields.get("k"))?.slice();
  const signature = asBytes(fields.get("sig"))?.slice();
  const sequence = asInteger(fields.get("seq"));
  const isWhole = key?.length === KEY_LENGTH && signature?.length === SIGNATURE_LENGTH && sequence !== undefined;
  return isWhole ? { value, signed: { key, signature, sequence } } : new Wrong("k, sig or seq: not as expected");
}

function reply(kind: string | undefined, message: BencodeDict, transaction: Uint8Array): Answer | Refusal | Wrong {
  if (kind === "r") return answer(message, transaction);
  if (kind === "e") return refusal(message, transaction);
  return new Wrong(`kind ${shown(kind ?? "none")}: q, r or e expected`);
}

function answer(message: BencodeDict, transaction: Uint8Array): Answer | Wrong {
  const fields = asDict(message.get("r"));
  if (fields === undefined) return new Wrong("an answer without values");
  const id = name(fields, "id");
  if (id instanceof Wrong) return id;
  const nodes = contacts(fields, "nodes", "ipv4");
  if (nodes instanceof Wrong) return nodes;
  const nodes6 = contacts(fields, "nodes6", "ipv6");
  if (nodes6 instanceof Wrong) return nodes6;
  const peers = endpoints(fields);
  if (peers instanceof Wrong) return peers;
  const token = tokenOf(fields);
  if (token instanceof Wrong) return token;
  const seedFilter = filter(fields, "BFsd");
  if (seedFilter instanceof Wrong) return seedFilter;
  const peerFilter = filter(fields, "BFpe");
  if (peerFilter instanceof Wrong) return peerFilter;
  const item = itemOf(fields);
  const address = asBytes(message.get("ip"));
  return {
    kind: "answer",
    transaction,
    id,
    nodes: [...nodes, ...nodes6],
    peers,
    token,
    seedFilter,
    peerFilter,
    item: item instanceof Wrong ? undefined : item,
    ourAddress: address === undefined ? undefined : readEndpoint(address),
  };
}

function refusal(message: BencodeDict, transaction: Uint8Array): Refusal | Wrong {
  const [code, words] = asList(message.get("e")) ?? [];
  if (asInteger(code) === undefined) return new Wrong("an error without a code");
  const text = (asText(words) ?? "").slice(0, MAX_WORDS);
  return { kind: "refusal", transaction, code: asInteger(code) as number, words: text };
}

/** The beginning of a text in quotes, printable ASCII. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 20).replace(/[^\x20-\x7e]/g, "?"));
}

/** An id, target or info hash. */
function name(fields: BencodeDict, key: string): Uint8Array | Wrong {
  const bytes = asBytes(fields.get(key));
  if (bytes?.length === ID_LENGTH) return bytes.slice();
  return new Wrong(`${key}: ${bytes === undefined ? "none" : `${bytes.length} bytes`}, ${ID_LENGTH} expected`);
}

function contacts(fields: BencodeDict, key: string, family: Family): readonly Contact[] | Wrong {
  if (!fields.has(key)) return [];
  const bytes = asBytes(fields.get(key));
  const length = CONTACT_LENGTH[family];
  if (bytes === undefined) return new Wrong(`${key}: no string`);
  if (bytes.length % length !== 0) return new Wrong(`${key}: ${bytes.length} bytes, no multiple of ${length}`);
  return readContacts(bytes, family);
}

/** Entries without a port, or of some other length, are passed over: some clients put both families in one list. */
function endpoints(fields: BencodeDict): readonly Endpoint[] | Wrong {
  if (!fields.has("values")) return [];
  const list = asList(fields.get("values"));
  if (list === undefined) return new Wrong("values: no list");
  return list.flatMap((value) => readEndpoint(asBytes(value) ?? new Uint8Array(0)) ?? []);
}

function tokenOf(fields: BencodeDict): Uint8Array | undefined | Wrong {
  if (!fields.has("token")) return undefined;
  const token = asBytes(fields.get("token"));
  if (token === undefined || token.length === 0 || token.length > MAX_TOKEN) {
    return new Wrong(`token: ${token?.length ?? "no"} bytes, 1 to ${MAX_TOKEN} expected`);
  }
  return token.slice();
}

function filter(fields: BencodeDict, key: string): Uint8Array | undefined | Wrong {
  if (!fields.has(key)) return undefined;
  const bytes = asBytes(fields.get(key));
  if (bytes?.length === FILTER_LENGTH) return bytes.slice();
  return new Wrong(`${key}: ${bytes?.length ?? "no"} bytes, ${FILTER_LENGTH} expected`);
}

function wanted(fields: BencodeDict): readonly Family[] | undefined {
  const list = asList(fields.get("want"))?.map(asText);
  if (list === undefined) return undefined;
  const families: Family[] = [];
  if (list.includes("n4")) families.push("ipv4");
  if (list.includes("n6")) families.push("ipv6");
  return families.length === 0 ? undefined : families;
}

function isSet(fields: BencodeDict, key: string): boolean {
  return asInteger(fields.get(key)) === 1;
}
