import type { SessionView, Settings } from "../../../core/contract/views.ts";
import {
  ENCRYPTION_CHOICES,
  type SwitchSetting,
  TRANSPORT_CHOICES,
  type TypedSetting,
} from "../../format/settings-form.ts";
import { FLAG_STYLES, type Preferences } from "../../store/preferences.ts";
import { LANGUAGES, say } from "../../words/say.ts";

/** One choice among a few. */
export interface Option {
  readonly value: string;
  readonly title: string;
}

/** How a setting is changed. */
export type Control =
  | { readonly kind: "typed"; readonly setting: TypedSetting; readonly unit?: string; readonly isFolder?: boolean }
  | { readonly kind: "switch"; readonly setting: SwitchSetting }
  | { readonly kind: "choice"; readonly setting: ChoiceSetting; readonly options: readonly Option[] }
  | { readonly kind: "preference"; readonly preference: PreferenceName; readonly options: readonly Option[] };

export type ChoiceSetting = "transport" | "encryptionIncoming" | "encryptionOutgoing";
export type PreferenceName = "theme" | "language" | "flagStyle";

export interface SettingRow {
  readonly label: string;
  readonly note: string;
  readonly control: Control;
}

export interface SettingsSection {
  readonly id: SectionId;
  readonly title: string;
  readonly rows: readonly SettingRow[];
}

export const SECTION_IDS = ["look", "downloads", "speed", "connections", "finding", "privacy"] as const;
export type SectionId = (typeof SECTION_IDS)[number];

const THEMES: readonly Preferences["theme"][] = ["system", "light", "dark"];

/** Everything that can be set, as it is now. */
export function settingsSections(session: SessionView): SettingsSection[] {
  const words = say.settings;
  const { settings, mapping, ipFilter } = session;
  const section = (id: SectionId, rows: readonly SettingRow[]) => ({ id, title: words.sections[id], rows });
  return [
    section("look", [
      preference(words.language, "", "language", ["system", ...Object.keys(LANGUAGES)], words.languages),
      preference(words.theme, "", "theme", THEMES, words.themes),
      preference(words.flagStyle, words.flagStyleNote, "flagStyle", FLAG_STYLES, say.peers.flagStyles),
    ]),
    section("downloads", [
      row(words.downloadFolder, words.downloadFolderNote, {
        kind: "typed",
        setting: "downloadFolder",
        isFolder: true,
      }),
    ]),
    section("speed", [
      rate(words.downLimit, words.noLimit, "downLimit"),
      rate(words.upLimit, words.noLimit, "upLimit"),
      onOff(words.alternativeLimits, words.alternativeLimitsNote, "alternativeLimits"),
      rate(words.alternativeDownLimit, words.noLimit, "alternativeDownLimit"),
      rate(words.alternativeUpLimit, words.noLimit, "alternativeUpLimit"),
      onOff(words.limitLocalPeers, words.limitLocalPeersNote, "limitLocalPeers"),
      typed(words.unchokeSlots, words.unchokeSlotsNote, "unchokeSlots"),
    ]),
    section("connections", [
      typed(words.listenPort, words.listenPortNote, "listenPort"),
      onOff(words.portMapping, say.values.mapping(mapping), "portMapping"),
      choice(
        words.transport,
        words.transportNotes[settings.transport],
        "transport",
        TRANSPORT_CHOICES,
        words.transports,
      ),
      typed(words.maxConnections, words.maxConnectionsNote, "maxConnections"),
      typed(words.maxConnectionsPerTorrent, words.maxConnectionsPerTorrentNote, "maxConnectionsPerTorrent"),
      typed(words.maxHalfOpen, words.maxHalfOpenNote, "maxHalfOpen"),
    ]),
    section("finding", [
      onOff(words.dht, words.dhtNote, "dht"),
      onOff(words.pex, words.pexNote, "pex"),
      onOff(words.lsd, words.lsdNote, "lsd"),
    ]),
    section("privacy", [
      encryption(words.encryptionOutgoing, "encryptionOutgoing", settings),
      encryption(words.encryptionIncoming, "encryptionIncoming", settings),
      typed(words.proxy, words.proxyNote, "proxy"),
      typed(words.ipFilter, ipFilter ?? words.ipFilterNote, "ipFilter"),
      typed(words.blockedPorts, words.blockedPortsNote, "blockedPorts"),
    ]),
  ];
}

function row(label: string, note: string, control: Control): SettingRow {
  return { label, note, control };
}

function typed(label: string, note: string, setting: TypedSetting): SettingRow {
  return row(label, note, { kind: "typed", setting });
}

function rate(label: string, note: string, setting: TypedSetting): SettingRow {
  return row(label, note, { kind: "typed", setting, unit: say.settings.rateUnit });
}

function onOff(label: string, note: string, setting: SwitchSetting): SettingRow {
  return row(label, note, { kind: "switch", setting });
}

function choice<Value extends string>(
  label: string,
  note: string,
  setting: ChoiceSetting,
  values: readonly Value[],
  titles: Readonly<Record<Value, string>>,
): SettingRow {
  return row(label, note, { kind: "choice", setting, options: optionsOf(values, titles) });
}

function encryption(
  label: string,
  setting: "encryptionIncoming" | "encryptionOutgoing",
  settings: Settings,
): SettingRow {
  const { policies, policyNotes } = say.settings;
  return choice(label, policyNotes[setting][settings[setting]], setting, ENCRYPTION_CHOICES, policies);
}

function preference(
  label: string,
  note: string,
  name: PreferenceName,
  values: readonly string[],
  titles: Readonly<Record<string, string>>,
): SettingRow {
  return row(label, note, { kind: "preference", preference: name, options: optionsOf(values, titles) });
}

function optionsOf(values: readonly string[], titles: Readonly<Record<string, string>>): Option[] {
  return values.map((value) => ({ value, title: titles[value] ?? value }));
}
