import { writeEndpoint } from "../model/address.ts";
import { type BencodeInput, decodeBencode, encodeBencode } from "../model/bencode.ts";
import { fromLatin1 } from "../model/bytes.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";
import { ENDPOINT_LENGTH, writeContacts } from "./compact.ts";
import type { Item } from "./item.ts";
import { type Contact, type Family, familyOf, type Question } from "./message.ts";
import { ID_LENGTH, type NodeId } from "./node-id.ts";

/** What goes with every message of ours. */
export interface Sender {
  readonly id: NodeId;
  /** Client and version (BEP 5 `v`), 4 bytes. */
  readonly version: Uint8Array;
  /** We answer nobody (BEP 43). */
  readonly isReadOnly: boolean;
}

/** @param want - Families of nodes to ask for; undefined: that of the address it goes to. */
export function encodeQuery(
  sender: Sender,
  transaction: Uint8Array,
  question: Question,
  want?: readonly Family[],
): Uint8Array {
  return encodeBencode({
    a: { id: sender.id, ...fieldsOf(question), want: want?.map((family) => (family === "ipv4" ? "n4" : "n6")) },
    q: question.method,
    ro: sender.isReadOnly ? 1 : undefined,
    t: transaction,
    v: sender.version,
    y: "q",
  });
}

function fieldsOf(question: Question): { readonly [key: string]: BencodeInput | undefined } {
  switch (question.method) {
    case "ping":
      return {};
    case "find_node":
    case "sample_infohashes":
      return { target: question.target };
    case "get_peers":
      return {
        info_hash: question.infoHash,
        noseed: question.noSeeds ? 1 : undefined,
        scrape: question.scrape ? 1 : undefined,
      };
    case "announce_peer":
      return {
        info_hash: question.infoHash,
        implied_port: question.impliedPort ? 1 : 0,
        port: question.port,
        seed: question.isSeed ? 1 : 0,
        token: question.token,
      };
    case "get":
      return { seq: question.sequence, target: question.target };
    case "put":
      return {
        ...itemFields(question.item),
        cas: question.expected,
        salt: question.salt.length === 0 ? undefined : question.salt,
        token: question.token,
      };
  }
}

/** As it stands in a message (BEP 44). */
function itemFields({ value, signed }: Item): { readonly [key: string]: BencodeInput | undefined } {
  const decoded = decodeBencode(value);
  return {
    v: decoded.ok ? (decoded.value as BencodeInput) : undefined,
    ...(signed === undefined ? {} : { k: signed.key, seq: signed.sequence, sig: signed.signature }),
  };
}

/** Bytes that an item takes in an answer. */
export function itemLength(item: Item): Bytes {
  return encodeBencode(itemFields(item)).length - "de".length;
}

/** What an answer of ours may say beside its id. */
export interface AnswerFields {
  readonly nodes?: readonly Contact[];
  readonly nodes6?: readonly Contact[];
  readonly peers?: readonly Endpoint[];
  readonly token?: Uint8Array;
  readonly seedFilter?: Uint8Array;
  readonly peerFilter?: Uint8Array;
  readonly item?: Item;
  /** Of an item that the asker knows so far: it is not given again. */
  readonly sequence?: number;
  /** Info hashes one after the other, of `stored` in all, to be asked for again after `interval` seconds (BEP 51). */
  readonly samples?: { readonly infoHashes: Uint8Array; readonly stored: number; readonly interval: number };
}

/** Bytes of an answer of ours that says nothing but who we are: see {@link encodeAnswer}. */
export function leastAnswerLength(transaction: Uint8Array, to: Endpoint): Bytes {
  const address = stringLength(ENDPOINT_LENGTH[familyOf(to.host)]);
  const version = 4;
  return "d2:ip1:rd2:id20:e1:t1:v4:1:y1:re".length + ID_LENGTH + version + stringLength(transaction.length) + address;
}

/** Bytes of a bencoded string of so many. */
export function stringLength(length: Bytes): Bytes {
  return `${length}:`.length + length;
}

/** @param to - Who asked: it is told its address (BEP 42). */
export function encodeAnswer(sender: Sender, transaction: Uint8Array, to: Endpoint, fields: AnswerFields): Uint8Array {
  const { nodes, nodes6, samples } = fields;
  return encodeBencode({
    ip: writeEndpoint(to),
    r: {
      BFpe: fields.peerFilter,
      BFsd: fields.seedFilter,
      id: sender.id,
      interval: samples?.interval,
      nodes: nodes === undefined ? undefined : writeContacts(nodes, "ipv4"),
      nodes6: nodes6 === undefined ? undefined : writeContacts(nodes6, "ipv6"),
      num: samples?.stored,
      samples: samples?.infoHashes,
      seq: fields.sequence,
      ...(fields.item === undefined ? {} : itemFields(fields.item)),
      token: fields.token,
      values: fields.peers?.map(writeEndpoint),
    },
    t: transaction,
    v: sender.version,
    y: "r",
  });
}

/** @param words - ASCII. */
export function encodeRefusal(sender: Sender, transaction: Uint8Array, code: number, words: string): Uint8Array {
  return encodeBencode({ e: [code, fromLatin1(words)], t: transaction, v: sender.version, y: "e" });
}
