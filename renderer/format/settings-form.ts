import type { SettingsChange } from "../../core/contract/messages.ts";
import type { EncryptionPolicy, Settings, TransportChoice } from "../../core/contract/views.ts";
import { parsePortRanges } from "../../core/model/port-ranges.ts";
import { parseProxy } from "../../core/model/proxy.ts";
import { KIB } from "../../core/model/units.ts";
import { say } from "../words/say.ts";

/** Settings as a form has them: text. Rates are in KiB/s there, bytes a second in the engine. */

/** What is typed. */
export type TypedSetting = NumberSetting | "downloadFolder" | "ipFilter" | "blockedPorts" | "proxy";
export type NumberSetting = keyof typeof NUMBERS;
/** What is on or off. */
export type SwitchSetting = {
  [K in keyof Settings]-?: Settings[K] extends boolean ? K : never;
}[keyof Settings];

/** From the least to the most encryption. */
export const ENCRYPTION_CHOICES: readonly EncryptionPolicy[] = ["off", "allow", "prefer", "require"];
export const TRANSPORT_CHOICES: readonly TransportChoice[] = ["both", "tcp", "utp"];

/** The most KiB/s that a limit can be. */
const MOST_RATE = 2 ** 30;

/** The contract's own limits, so that a form refuses what the engine would. */
const NUMBERS = {
  listenPort: { least: 0, most: 65_535, scale: 1 },
  downLimit: { least: 0, most: MOST_RATE, scale: KIB },
  upLimit: { least: 0, most: MOST_RATE, scale: KIB },
  alternativeDownLimit: { least: 0, most: MOST_RATE, scale: KIB },
  alternativeUpLimit: { least: 0, most: MOST_RATE, scale: KIB },
  maxConnections: { least: 1, most: 10_000, scale: 1 },
  maxConnectionsPerTorrent: { least: 1, most: 10_000, scale: 1 },
  maxHalfOpen: { least: 1, most: 1000, scale: 1 },
  unchokeSlots: { least: 0, most: 1000, scale: 1 },
} as const satisfies Partial<Record<keyof Settings, NumberRange>>;

export interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** What one stands for in the engine. */
  readonly scale: number;
}

export const RATE_RANGE: NumberRange = NUMBERS.downLimit;
/** Of one torrent; 0: as for all. */
export const OWN_CONNECTIONS: NumberRange = { ...NUMBERS.maxConnectionsPerTorrent, least: 0 };
export const OWN_SLOTS: NumberRange = NUMBERS.unchokeSlots;

export type Judged<Value> =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "fault"; readonly words: string };

/** A number that was typed, in the engine's unit, or what is wrong with it. */
export function judgeNumber(text: string, { least, most, scale }: NumberRange): Judged<number> {
  const value = Number(text);
  if (/^\s*\d+\s*$/.test(text) && value >= least && value <= most) return { kind: "value", value: value * scale };
  return { kind: "fault", words: say.settings.faults.number(least, most) };
}

export function isNumberSetting(setting: TypedSetting): setting is NumberSetting {
  return Object.hasOwn(NUMBERS, setting);
}

/** A setting as its field shows it. */
export function typedText(setting: TypedSetting, settings: Settings): string {
  return isNumberSetting(setting) ? String(Math.round(settings[setting] / NUMBERS[setting].scale)) : settings[setting];
}

/** What a typed setting changes, nothing when it is as it was; or what is wrong with it. */
export function judgeTyped(setting: TypedSetting, typed: string, settings: Settings): Judged<SettingsChange> {
  const text = typed.trim();
  // A rate may be no whole number of KiB/s: what is shown rounded is not to be sent so.
  if (text === typedText(setting, settings)) return { kind: "value", value: {} };
  if (isNumberSetting(setting)) {
    const judged = judgeNumber(text, NUMBERS[setting]);
    return judged.kind === "fault" ? judged : { kind: "value", value: { [setting]: judged.value } };
  }
  if (setting === "downloadFolder" && text === "") return { kind: "fault", words: say.settings.faults.noFolder };
  if (setting === "blockedPorts" && parsePortRanges(text) === undefined) {
    return { kind: "fault", words: say.settings.faults.noPorts };
  }
  if (setting === "proxy" && text !== "") {
    const parsed = parseProxy(text);
    if (typeof parsed === "string") return { kind: "fault", words: say.settings.faults.notAProxy(parsed) };
  }
  return { kind: "value", value: { [setting]: text } };
}
