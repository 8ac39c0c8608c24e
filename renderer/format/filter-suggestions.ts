import { CLOSE_REASONS } from "../../core/model/close-reason.ts";
import { PEER_FLAGS } from "../../core/model/peer-flags.ts";
import { say } from "../words/say.ts";
import { countryName } from "./country.ts";
import {
  ENGLISH_FLAGS,
  FILTER_KEYS,
  type FilterKey,
  type FilterToken,
  filterTokens,
  folded,
  PEER_GROUPS,
} from "./peer-filter.ts";

/** Something that the word under the cursor may become. */
export interface Suggestion {
  /** Replaces the word. */
  readonly text: string;
  readonly words: string;
}

/** What there is to choose from in this swarm. */
export interface SwarmVocabulary {
  readonly clients: readonly string[];
  readonly countries: readonly string[];
}

export interface Suggestions {
  /** What is replaced, as places in the text. */
  readonly from: number;
  readonly to: number;
  readonly list: readonly Suggestion[];
}

/** More than these are no help. */
const MOST = 8;

/** @param caret - Where the text is typed. */
export function filterSuggestions(text: string, caret: number, swarm: SwarmVocabulary): Suggestions {
  const token = filterTokens(text).find(({ from, to }) => from <= caret && caret <= to);
  const { from = caret, to = caret } = token ?? {};
  const minus = token?.isNegated ? "-" : "";
  const list = token?.key === undefined ? keySuggestions(token) : valueSuggestions(token, swarm);
  return { from, to, list: list.slice(0, MOST).map(({ text: word, words }) => ({ text: minus + word, words })) };
}

function keySuggestions(token: FilterToken | undefined): Suggestion[] {
  const typed = folded(token?.value ?? "");
  const keys = FILTER_KEYS.filter((key) => key.startsWith(typed));
  const found: Suggestion[] = keys.map((key) => ({ text: `${key}:`, words: say.peers.filterKeys[key] }));
  // Who types a flag's name means the flag.
  if (typed.length < 2) return found;
  return [...found, ...flagSuggestions(typed)];
}

function valueSuggestions({ key, value }: FilterToken, swarm: SwarmVocabulary): Suggestion[] {
  const typed = folded(value);
  const fits = (...texts: readonly string[]) => texts.some((text) => folded(text).includes(typed));
  const of = (name: string, words: string): Suggestion => ({ text: `${key}:${quoted(name)} `, words });
  switch (key as FilterKey) {
    case "flag":
      return flagSuggestions(typed, value);
    case "client":
      return swarm.clients.filter((client) => fits(client)).map((client) => of(client, ""));
    case "country":
      return swarm.countries
        .filter((code) => fits(code, countryName(code)))
        .map((code) => of(code.toLowerCase(), countryName(code)));
    case "state":
      return PEER_GROUPS.filter((group) => fits(group, say.peers.groups[group])).map((group) =>
        of(group, say.peers.groups[group]),
      );
    case "source":
      return Object.entries(say.values.sources)
        .filter((entry) => fits(...entry))
        .map(([kind, words]) => of(kind, words));
    case "reason":
      return Object.keys(CLOSE_REASONS)
        .map((reason) => [reason, say.values.reasons[reason as keyof typeof CLOSE_REASONS]] as const)
        .filter((entry) => fits(...entry))
        .map(([reason, words]) => of(reason, words));
    case "has":
      return [">50", "<10", "=100"].filter((number) => number.startsWith(value)).map((number) => of(number, ""));
    case "down":
    case "up":
      return [">0", ">100k", ">1m"].filter((number) => number.startsWith(value)).map((number) => of(number, ""));
    case "via":
      return ["tcp", "utp", "web", "incoming", "outgoing"].filter((way) => fits(way)).map((way) => of(way, ""));
    default:
      return [];
  }
}

/** The letter that was typed first, then names that begin so, then those that have it in them. */
function flagSuggestions(typed: string, letter = ""): Suggestion[] {
  const rank = (flag: string): number => {
    if (flag === letter) return 0;
    const names = [ENGLISH_FLAGS[flag] ?? "", say.peers.flagNames[flag] ?? ""].map(folded);
    return names.some((name) => name.startsWith(typed)) ? 1 : names.some((name) => name.includes(typed)) ? 2 : 3;
  };
  return PEER_FLAGS.map(({ letter: flag }) => ({ flag, rank: rank(flag) }))
    .filter((ranked) => ranked.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ flag }) => ({ text: `flag:${ENGLISH_FLAGS[flag]} `, words: `${flag} · ${say.values.flags[flag] ?? ""}` }));
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}
