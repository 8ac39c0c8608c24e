import type { GonePeer, KnownPeerView, PeerView } from "../../core/contract/views.ts";
import { CLOSE_REASONS, type CloseReason } from "../../core/model/close-reason.ts";
import { formatEndpoint } from "../../core/model/endpoint.ts";
import type { PeerPhase, PeerSource, PeerSourceKind } from "../../core/model/peer-face.ts";
import { flagLetters, PEER_FLAGS } from "../../core/model/peer-flags.ts";
import { say } from "../words/say.ts";
import { countryName } from "./country.ts";
import { share } from "./units.ts";

/** Finding peers by words: `flag:snubbed client:transmission -source:dht has:>50 "connection refused"`. */

/** Where a peer is for those who look: with us, on its way, or not. */
export const PEER_GROUPS = ["open", "connecting", "queued", "known", "gone"] as const;
export type PeerGroup = (typeof PEER_GROUPS)[number];

/** One peer, whatever is known of it. */
export type AnyPeer =
  | { readonly kind: "live"; readonly peer: PeerView }
  | { readonly kind: "known"; readonly peer: KnownPeerView }
  | { readonly kind: "gone"; readonly peer: GonePeer };

/** What can stand before a colon. */
export const FILTER_KEYS = [
  "flag",
  "client",
  "source",
  "state",
  "reason",
  "country",
  "has",
  "down",
  "up",
  "via",
  "address",
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** What could not be read, and so does not filter. */
export type FilterFault =
  | { readonly kind: "no-such-key"; readonly key: string }
  | { readonly kind: "no-such-value"; readonly key: FilterKey; readonly value: string }
  | { readonly kind: "no-number"; readonly key: FilterKey; readonly value: string }
  | { readonly kind: "open-quote" };

export interface PeerFilter {
  readonly isEmpty: boolean;
  readonly faults: readonly FilterFault[];
  /** @param pieceCount - Of the torrent: what a share is a share of. */
  admits(any: AnyPeer, pieceCount: number): boolean;
}

/** One word of a filter as it was typed. */
export interface FilterToken {
  /** Places in the text. */
  readonly from: number;
  readonly to: number;
  readonly isNegated: boolean;
  readonly key: string | undefined;
  readonly value: string;
  readonly isQuoteOpen: boolean;
}

type Test = (any: AnyPeer, pieceCount: number) => boolean;

/** A peer must pass every word; what a word is about is before its colon, else its address, client or reason has it. */
export function parsePeerFilter(text: string): PeerFilter {
  const tests: Test[] = [];
  const faults: FilterFault[] = [];
  for (const token of filterTokens(text)) {
    if (token.isQuoteOpen) faults.push({ kind: "open-quote" });
    // Still being typed.
    if (token.value === "") continue;
    const test = testOf(token);
    if (typeof test === "object") faults.push(test);
    else tests.push(token.isNegated ? (any, pieceCount) => !test(any, pieceCount) : test);
  }
  return {
    isEmpty: tests.length === 0,
    faults,
    admits: (any, pieceCount) => tests.every((test) => test(any, pieceCount)),
  };
}

export function filterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  for (const match of text.matchAll(/(-?)(?:([a-z][a-z-]*):(?!:))?(?:"([^"]*)("?)|(\S*))/gi)) {
    const [whole, minus, key, quoted, closing, bare] = match;
    if (whole === "") continue;
    const value = quoted ?? bare ?? "";
    tokens.push({
      from: match.index,
      to: match.index + whole.length,
      isNegated: minus === "-",
      key: key?.toLowerCase(),
      value: value.trim(),
      isQuoteOpen: quoted !== undefined && closing === "",
    });
  }
  return tokens;
}

/** The letters that a name of a flag may mean: itself a letter, a name in the interface's language or English, its words. */
export function flagsNamed(name: string): string[] {
  const letters = PEER_FLAGS.map(({ letter }) => letter);
  if (name === "-") return ["−"];
  if (letters.includes(name)) return [name];
  const wanted = folded(name);
  if (wanted === "") return [];
  const names = (letter: string) => [say.peers.flagNames[letter] ?? "", ENGLISH_FLAGS[letter] ?? ""].map(folded);
  const words = (letter: string) => [folded(say.values.flags[letter] ?? "")];
  const passes: ((letter: string) => boolean)[] = [
    (letter) => names(letter).includes(wanted),
    (letter) => names(letter).some((known) => known.startsWith(wanted)),
    (letter) => [...names(letter), ...words(letter)].some((known) => known.includes(wanted)),
  ];
  for (const pass of passes) {
    const found = letters.filter(pass);
    if (found.length > 0) return found;
  }
  return [];
}

/** What a filter calls each flag in every language. */
export const ENGLISH_FLAGS: Readonly<Record<string, string>> = {
  D: "downloading",
  d: "choked",
  U: "uploading",
  u: "choking",
  K: "unneeded",
  "?": "unwanted",
  O: "optimistic",
  S: "snubbed",
  I: "incoming",
  H: "dht",
  X: "pex",
  L: "lsd",
  T: "tracker",
  M: "by-hand",
  E: "encrypted",
  e: "encrypted-handshake",
  P: "utp",
  W: "web-seed",
  h: "rendezvous",
  Q: "queued",
  C: "connecting",
  N: "handshaking",
  R: "parole",
  G: "endgame",
  "=": "seed",
  "−": "upload-only",
  F: "failed-piece",
};

export function groupOf(any: AnyPeer): PeerGroup {
  if (any.kind !== "live") return any.kind;
  const { phase } = any.peer;
  return phase === "open" || phase === "queued" ? phase : "connecting";
}

/** Why a peer is not with us; undefined of one that is, or was never tried. */
export function endOf(any: AnyPeer): { reason: CloseReason; code: number; detail: string } | undefined {
  if (any.kind === "gone") return any.peer;
  return any.kind === "known" ? any.peer.lastEnd : undefined;
}

export function lettersOf(any: AnyPeer): string {
  if (any.kind === "live") return flagLetters(any.peer);
  return any.kind === "gone" ? any.peer.flags : "";
}

export function sourcesOf(any: AnyPeer): readonly PeerSource[] {
  return any.kind === "gone" ? [] : any.peer.sources;
}

/** Of who is gone, which tracker it was is not known any more. */
function sourceKinds(any: AnyPeer): readonly PeerSourceKind[] {
  return any.kind === "gone" ? any.peer.sources : any.peer.sources.map(({ kind }) => kind);
}

function clientOf(any: AnyPeer): string {
  return any.kind === "known" ? "" : (any.peer.client ?? "");
}

function testOf({ key, value }: FilterToken): Test | FilterFault {
  if (key === undefined) return plainTest(value);
  const maker = TESTS[key as FilterKey];
  if (!Object.hasOwn(TESTS, key)) return { kind: "no-such-key", key };
  return maker(value);
}

function plainTest(value: string): Test {
  const wanted = value.toLowerCase();
  return (any) =>
    [formatEndpoint(any.peer), clientOf(any), ...reasonTexts(any)].some((text) => text.toLowerCase().includes(wanted));
}

const contains = (value: string, texts: (any: AnyPeer) => readonly string[]): Test => {
  const wanted = value.toLowerCase();
  return (any) => texts(any).some((text) => text.toLowerCase().includes(wanted));
};

const TESTS: Record<FilterKey, (value: string) => Test | FilterFault> = {
  flag(value) {
    const letters = flagsNamed(value);
    if (letters.length === 0) return { kind: "no-such-value", key: "flag", value };
    return (any) => letters.some((letter) => lettersOf(any).includes(letter));
  },
  client: (value) => contains(value, (any) => [clientOf(any)]),
  address: (value) => contains(value, (any) => [formatEndpoint(any.peer)]),
  source(value) {
    const kinds = named(say.values.sources, value);
    if (kinds.length > 0) return (any) => sourceKinds(any).some((kind) => kinds.includes(kind));
    return contains(value, (any) =>
      sourcesOf(any).map((source) =>
        source.kind === "tracker" ? source.tracker : source.kind === "web-seed" ? source.url : "",
      ),
    );
  },
  state(value) {
    const groups: string[] = named(say.peers.groups, value);
    const phases: readonly string[] = named(PHASES, value);
    if (groups.length + phases.length === 0) return { kind: "no-such-value", key: "state", value };
    return (any) => groups.includes(groupOf(any)) || (any.kind === "live" && phases.includes(any.peer.phase));
  },
  reason(value) {
    const names = named(CLOSE_REASONS, value);
    const byText = contains(value, reasonTexts);
    return (any) => {
      const end = endOf(any);
      return end !== undefined && (names.includes(end.reason) || String(end.code) === value || byText(any, 0));
    };
  },
  country(value) {
    if (/^[a-z]{2}$/i.test(value)) return (any) => any.peer.country === value.toUpperCase();
    return contains(value, ({ peer }) => (peer.country === undefined ? [] : [countryName(peer.country)]));
  },
  has: (value) =>
    compared("has", value, 1, (any, pieceCount) =>
      any.kind === "live" && any.peer.pieces !== undefined ? share(any.peer.piecesCount, pieceCount) * 100 : undefined,
    ),
  down: (value) => compared("down", value, 1024, (any) => (any.kind === "live" ? any.peer.downRate : undefined)),
  up: (value) => compared("up", value, 1024, (any) => (any.kind === "live" ? any.peer.upRate : undefined)),
  via: (value) => contains(value, (any) => (any.kind === "known" ? [] : [any.peer.transport, `${any.peer.direction}`])),
};

/** Phases that are no group of their own. */
const PHASES = { encrypting: "", handshaking: "" } as const satisfies Partial<Record<PeerPhase, string>>;

/** The names of a table that a word means: spelt out, else those that it begins, by the table's own words, too. */
function named<K extends string>(table: Readonly<Record<K, unknown>>, value: string): K[] {
  const wanted = folded(value);
  const names = Object.keys(table) as K[];
  const exact = names.filter((name) => folded(name) === wanted);
  if (exact.length > 0) return exact;
  return names.filter((name) => {
    const words = table[name];
    return folded(name).startsWith(wanted) || (typeof words === "string" && folded(words).startsWith(wanted));
  });
}

function reasonTexts(any: AnyPeer): string[] {
  const end = endOf(any);
  return end === undefined ? [] : [end.reason, say.values.reasons[end.reason], end.detail];
}

/** `>50`, `<=10`, `100`, `2m`: a bare number is the least; `k` and `m` are KiB and MiB where a rate is meant. */
function compared(
  key: FilterKey,
  text: string,
  unit: number,
  read: (any: AnyPeer, pieceCount: number) => number | undefined,
): Test | FilterFault {
  const match = /^(>=?|<=?|=)?(\d+(?:[.,]\d+)?)([km%]?)$/i.exec(text);
  if (match === null) return { kind: "no-number", key, value: text };
  const [, operator = ">=", digits = "", suffix = ""] = match;
  const value = Number(digits.replace(",", ".")) * unit * (suffix.toLowerCase() === "m" ? 1024 : 1);
  const holds = COMPARISONS[operator] as (a: number, b: number) => boolean;
  return (any, pieceCount) => {
    const actual = read(any, pieceCount);
    return actual !== undefined && holds(actual, value);
  };
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "=": (a, b) => Math.abs(a - b) < 0.5,
};

/** As people type: whatever the case, with or without spaces and hyphens. */
export function folded(text: string): string {
  return text.toLowerCase().replace(/[\s_-]+/g, "");
}
