import { PEER_GROUPS, type PeerGroup } from "../format/peer-filter.ts";
import { LANGUAGES, type Language } from "../words/say.ts";
import { soundLayouts, type TableLayout } from "./table-layout.ts";

/** How flags of peers are shown. */
export const FLAG_STYLES = ["letters", "icons", "words"] as const;
export type FlagStyle = (typeof FLAG_STYLES)[number];

/** How the user likes the window. Kept in the page's own storage; the engine need not know. */
export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  readonly language: "system" | Language;
  /** The torrent list's share of the height between list and details; undefined: as much as its rows need, in bounds. */
  readonly listShare: number | undefined;
  /** By the table's name; what is absent is as it was made. */
  readonly tables: Readonly<Record<string, TableLayout>>;
  readonly flagStyle: FlagStyle;
  /** Groups of peers that are folded. */
  readonly foldedPeers: readonly PeerGroup[];
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  language: "system",
  listShare: undefined,
  tables: {},
  flagStyle: "letters",
  foldedPeers: [],
};
/** Neither half may vanish. */
export const LEAST_LIST_SHARE = 0.15;
export const MOST_LIST_SHARE = 0.8;

const KEY = "peerscope.preferences";

/** The part of a browser's storage that is needed. */
export interface PreferenceStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** @returns What was kept, sound parts only; the defaults for the rest. */
export function loadPreferences(storage: PreferenceStorage): Preferences {
  const kept = parsed(storage.getItem(KEY));
  const { theme, language, listShare, tables, flagStyle, foldedPeers } = kept;
  return {
    theme: theme === "light" || theme === "dark" ? theme : DEFAULT_PREFERENCES.theme,
    language: isLanguage(language) ? language : DEFAULT_PREFERENCES.language,
    listShare:
      typeof listShare === "number" && Number.isFinite(listShare)
        ? limitedShare(listShare)
        : DEFAULT_PREFERENCES.listShare,
    tables: soundLayouts(tables),
    flagStyle: FLAG_STYLES.find((style) => style === flagStyle) ?? DEFAULT_PREFERENCES.flagStyle,
    foldedPeers: Array.isArray(foldedPeers) ? PEER_GROUPS.filter((group) => foldedPeers.includes(group)) : [],
  };
}

export function savePreferences(storage: PreferenceStorage, preferences: Preferences): void {
  storage.setItem(KEY, JSON.stringify(preferences));
}

export function limitedShare(value: number): number {
  return Math.min(MOST_LIST_SHARE, Math.max(LEAST_LIST_SHARE, value));
}

function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(LANGUAGES, value);
}

function parsed(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Someone else wrote there: taste is not worth a message, the defaults hold.
    return {};
  }
}
