import { partyOf } from "../model/address.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Random } from "../model/random.ts";
import type { Bytes, Timestamp } from "../model/units.ts";
import { FILTER_LENGTH } from "./bloom-filter.ts";
import { CONTACT_LENGTH, ENDPOINT_LENGTH } from "./compact.ts";
import {
  type AnswerFields,
  encodeAnswer,
  encodeRefusal,
  itemLength,
  leastAnswerLength,
  type Sender,
  stringLength,
} from "./encode.ts";
import { signedBytes, targetOf, type Verify } from "./item.ts";
import { ERROR_CAS, ERROR_SEQUENCE, type ItemStore } from "./item-store.ts";
import {
  type Contact,
  ERROR_PROTOCOL,
  ERROR_SIGNATURE,
  type Family,
  familyOf,
  type Query,
  type Question,
} from "./message.ts";
import type { NodeId } from "./node-id.ts";
import type { PeerStore } from "./peer-store.ts";
import { BUCKET_SIZE } from "./routing-table.ts";
import { TOKEN_LENGTH, type Tokens } from "./tokens.ts";

/** An answer passes any path in one piece. */
export const MAX_ANSWER: Bytes = 1200;
/** As libtorrent: who collects info hashes is to come back after hours (BEP 51). */
const MAX_SAMPLES = 20;
const SAMPLE_INTERVAL_SECONDS = 6 * 60 * 60;
/** When not all fits, this many nodes come before any peer: a search must go on, too. */
const NODES_BEFORE_PEERS = 4;

/** Bytes around what varies in length; where it is a number, for the longest. */
const NODES_OVERHEAD: Bytes = "6:nodes6304:".length;
const PEERS_OVERHEAD: Bytes = "6:valuesle".length;
const TOKEN: Bytes = "5:token".length + stringLength(TOKEN_LENGTH);
const FILTERS: Bytes = 2 * ("4:BFpe".length + stringLength(FILTER_LENGTH));
const SEQUENCE: Bytes = "3:seqi-9007199254740991e".length;
const SAMPLES_OVERHEAD: Bytes = "8:intervali21600e3:numi9999e7:samples400:".length;

const REFUSALS: Readonly<Record<number, string>> = {
  [ERROR_PROTOCOL]: "bad token",
  [ERROR_SIGNATURE]: "bad signature",
  [ERROR_CAS]: "another state than expected",
  [ERROR_SEQUENCE]: "there is a later state",
};

/** What the responder knows. */
export interface ResponderOptions {
  readonly random: Random;
  readonly sha1: (bytes: Uint8Array) => Uint8Array;
  readonly store: PeerStore;
  readonly tokens: Tokens;
  readonly items: ItemStore;
  readonly verify: Verify;
  /** The nodes of a family closest to `target`; none when we have no such network. */
  closest(target: NodeId, family: Family, most: number): readonly Contact[];
}

/** Answers queries. What it says is cut to the length that it may have. */
export class Responder {
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** @param longest - Bytes that the answer may have. @returns Undefined when not even the least answer fits. */
  answer(sender: Sender, query: Query, from: Endpoint, longest: Bytes, now: Timestamp): Uint8Array | undefined {
    const { question, transaction } = query;
    const room = longest - leastAnswerLength(transaction, from);
    if (room < 0) return undefined;
    const fault = this.#taken(question, from, now);
    if (fault !== undefined) {
      const refusal = encodeRefusal(sender, transaction, fault, REFUSALS[fault] ?? "refused");
      return refusal.length <= longest ? refusal : undefined;
    }
    return encodeAnswer(sender, transaction, from, this.#fields(query, from, room, now));
  }

  #fields(query: Query, from: Endpoint, room: Bytes, now: Timestamp): AnswerFields {
    const { question } = query;
    switch (question.method) {
      case "ping":
      case "announce_peer":
      case "put":
        return {};
      case "get":
        return this.#item(query, question, from, room, now);
      case "find_node":
        return this.#nodes(query, question.target, from, room);
      case "get_peers":
        return this.#peers(query, question, from, room, now);
      case "sample_infohashes":
        return this.#samples(query, question.target, from, room);
    }
  }

  /** Keeps what it is told. @returns Why it does not, as a code. */
  #taken(question: Question, from: Endpoint, now: Timestamp): number | undefined {
    if (question.method === "put") return this.#put(question, from, now);
    if (question.method !== "announce_peer") return undefined;
    const { infoHash, token, impliedPort, isSeed } = question;
    if (!this.#options.tokens.isValid(token, from.host, infoHash, now)) return ERROR_PROTOCOL;
    const port = impliedPort ? from.port : question.port;
    this.#options.store.announce(infoHash, { host: from.host, port }, isSeed, now);
    return undefined;
  }

  #put(question: Question & { readonly method: "put" }, from: Endpoint, now: Timestamp): number | undefined {
    const { tokens, sha1, verify, items } = this.#options;
    const { item, salt, token, expected } = question;
    const target = targetOf(item, salt, sha1);
    if (!tokens.isValid(token, from.host, target, now)) return ERROR_PROTOCOL;
    const { value, signed } = item;
    if (signed !== undefined) {
      const bytes = signedBytes(value, signed.sequence, salt);
      if (!verify(signed.key, signed.signature, bytes)) return ERROR_SIGNATURE;
    }
    return items.put(target, item, expected, partyOf(from), now);
  }

  #item(
    query: Query,
    { target, sequence }: Question & { readonly method: "get" },
    from: Endpoint,
    room: Bytes,
    now: Timestamp,
  ): AnswerFields {
    const { tokens, items } = this.#options;
    let left = room;
    const fields: MutableFields = {};
    if (left >= TOKEN) {
      fields.token = tokens.tokenFor(from.host, target, now);
      left -= TOKEN;
    }
    const item = items.find(target);
    const stored = item?.signed?.sequence;
    const isKnown = sequence !== undefined && stored !== undefined && stored <= sequence;
    if (isKnown && left >= SEQUENCE) {
      fields.sequence = stored;
      left -= SEQUENCE;
    } else if (item !== undefined && !isKnown && itemLength(item) <= left) {
      fields.item = item;
      left -= itemLength(item);
    }
    return { ...fields, ...this.#nodes(query, target, from, left) };
  }

  #peers(
    query: Query,
    { infoHash, noSeeds, scrape }: Question & { readonly method: "get_peers" },
    from: Endpoint,
    room: Bytes,
    now: Timestamp,
  ): AnswerFields {
    const { store, tokens, sha1, random } = this.#options;
    let left = room;
    const fields: MutableFields = {};
    if (!store.isFull(infoHash) && left >= TOKEN) {
      fields.token = tokens.tokenFor(from.host, infoHash, now);
      left -= TOKEN;
    }
    const filters = scrape && left >= FILTERS ? store.filters(infoHash, sha1) : undefined;
    if (filters !== undefined) {
      fields.seedFilter = filters.seeds;
      fields.peerFilter = filters.peers;
      left -= FILTERS;
    }
    const family = familyOf(from.host);
    const peers = store.peers(infoHash, family, noSeeds, random);
    if (peers.length > 0) {
      const reserved = NODES_OVERHEAD + NODES_BEFORE_PEERS * CONTACT_LENGTH[family];
      const fitting = Math.floor((left - reserved - PEERS_OVERHEAD) / stringLength(ENDPOINT_LENGTH[family]));
      fields.peers = peers.slice(0, Math.max(0, fitting));
      left -= PEERS_OVERHEAD + fields.peers.length * stringLength(ENDPOINT_LENGTH[family]);
    }
    return { ...fields, ...this.#nodes(query, infoHash, from, left) };
  }

  #samples(query: Query, target: NodeId, from: Endpoint, room: Bytes): AnswerFields {
    const { store, random } = this.#options;
    const reserved = NODES_OVERHEAD + CONTACT_LENGTH[familyOf(from.host)];
    const fitting = Math.floor((room - SAMPLES_OVERHEAD - reserved) / 20);
    if (fitting < 0) return this.#nodes(query, target, from, room);
    const infoHashes = store.sample(Math.min(MAX_SAMPLES, fitting), random);
    const samples = { infoHashes, stored: store.torrentCount, interval: SAMPLE_INTERVAL_SECONDS };
    return { samples, ...this.#nodes(query, target, from, room - SAMPLES_OVERHEAD - infoHashes.length) };
  }

  /** Nodes of the families that are wanted, as many as fit; those of the asker's own come first. */
  #nodes({ want }: Query, target: NodeId, from: Endpoint, room: Bytes): AnswerFields {
    const own = familyOf(from.host);
    const fields: MutableFields = {};
    let left = room;
    for (const family of [...(want ?? [own])].sort((a, b) => Number(b === own) - Number(a === own))) {
      const fitting = Math.min(BUCKET_SIZE, Math.floor((left - NODES_OVERHEAD) / CONTACT_LENGTH[family]));
      if (fitting < 0) continue;
      const nodes = this.#options.closest(target, family, fitting);
      fields[family === "ipv4" ? "nodes" : "nodes6"] = nodes;
      left -= NODES_OVERHEAD + nodes.length * CONTACT_LENGTH[family];
    }
    return fields;
  }
}

type MutableFields = { -readonly [key in keyof AnswerFields]: AnswerFields[key] };
