import { asInteger, asList, asText, type BencodeDict, type BencodeValue } from "../model/bencode.ts";
import { displayText } from "./display-text.ts";
import type { MetainfoNode, Warnings } from "./metainfo.ts";

/** Where a torrent's peers and bytes are to be had: trackers, web seeds, DHT nodes. */

export const MAX_TRACKERS = 500;
export const MAX_WEB_SEEDS = 100;
const MAX_NODES = 100;
const MAX_URL_LENGTH = 2048;

/** `announce-list` (BEP 12) where it names any tracker, else `announce`. */
export function parseTrackers(root: BencodeDict, warnings: Warnings): string[][] {
  const tiers: string[][] = [];
  const seen = new Set<string>();
  for (const tier of asList(root.get("announce-list")) ?? []) {
    // Some programs write a flat list: each is a tier of its own then.
    const urls: string[] = [];
    for (const entry of asList(tier) ?? [tier]) {
      const url = trackerUrl(entry, warnings);
      if (url === undefined || seen.has(url)) continue;
      if (seen.size >= MAX_TRACKERS) {
        warnings.add(`more than ${MAX_TRACKERS} trackers: the rest is left out`);
        if (urls.length > 0) tiers.push(urls);
        return tiers;
      }
      seen.add(url);
      urls.push(url);
    }
    if (urls.length > 0) tiers.push(urls);
  }
  if (tiers.length > 0) return tiers;
  const single = root.has("announce") ? trackerUrl(root.get("announce"), warnings) : undefined;
  return single === undefined ? [] : [[single]];
}

function trackerUrl(value: BencodeValue | undefined, warnings: Warnings): string | undefined {
  const text = asText(value)?.trim();
  if (text === "") return undefined;
  const url = text === undefined ? undefined : normalUrl(text);
  if (url === undefined) warnings.add(`tracker left out: ${text === undefined ? "not a string" : shown(text)}`);
  return url;
}

/** `url-list` (BEP 19) or `httpseeds` (BEP 17): one URL or a list of them. */
export function parseWebSeeds(root: BencodeDict, key: "url-list" | "httpseeds", warnings: Warnings): string[] {
  const given = root.get(key);
  if (given === undefined) return [];
  const urls = new Set<string>();
  for (const entry of asList(given) ?? [given]) {
    const text = asText(entry)?.trim();
    if (text === "") continue;
    const url = text === undefined ? undefined : normalUrl(text);
    if (url === undefined || !/^https?:/i.test(url)) {
      warnings.add(`web seed left out: ${text === undefined ? "not a string" : shown(text)}`);
    } else if (urls.size < MAX_WEB_SEEDS) {
      urls.add(url);
    } else if (!urls.has(url)) {
      warnings.add(`more than ${MAX_WEB_SEEDS} web seeds: the rest is left out`);
      break;
    }
  }
  return [...urls];
}

/** `nodes` (BEP 5): host and port each. */
export function parseNodes(root: BencodeDict, warnings: Warnings): MetainfoNode[] {
  const nodes: MetainfoNode[] = [];
  for (const entry of asList(root.get("nodes")) ?? []) {
    if (nodes.length >= MAX_NODES) break;
    const pair = asList(entry);
    const host = asText(pair?.[0]);
    const port = asInteger(pair?.[1]);
    if (host !== undefined && port !== undefined && port > 0 && port < 65536 && /^[\w.:-]{1,255}$/.test(host)) {
      nodes.push({ host, port });
    } else {
      warnings.add("a DHT node left out: not a host and a port");
    }
  }
  return nodes;
}

/** Text of the file for the eye, the UTF-8 variant of times of many encodings first. */
export function parseText(dict: BencodeDict, key: string): string | undefined {
  const text = asText(dict.get(`${key}.utf-8`)) ?? asText(dict.get(key));
  const shownText = text === undefined ? "" : displayText(text);
  return shownText === "" ? undefined : shownText;
}

/** @returns The URL in printable ASCII as it came, else as the URL parser writes it; undefined when it is none. */
export function normalUrl(text: string): string | undefined {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined;
  return /^[\x21-\x7e]+$/.test(text) ? text : new URL(text).href;
}

function shown(text: string): string {
  return `"${displayText(text.slice(0, 80))}"`;
}
