import type { SettingsChange } from "../../core/contract/messages.ts";
import type { Settings } from "../../core/contract/views.ts";
import { KIB } from "../../core/model/units.ts";

/** The settings as a form has them: text. Rates are in KiB/s there, bytes a second in the engine. */
export type SettingsForm = Record<FormField, string>;

export type FormField = Exclude<keyof Settings, "bindHost" | "encryptionIncoming" | "encryptionOutgoing">;

interface NumberField {
  readonly least: number;
  readonly most: number;
  readonly scale: number;
}

/** The contract's own limits, so that a form refuses what the engine would. */
const NUMBERS: Record<Exclude<FormField, "downloadFolder">, NumberField> = {
  listenPort: { least: 0, most: 65535, scale: 1 },
  downLimit: { least: 0, most: 2 ** 30, scale: KIB },
  upLimit: { least: 0, most: 2 ** 30, scale: KIB },
  maxConnections: { least: 1, most: 10_000, scale: 1 },
  maxConnectionsPerTorrent: { least: 1, most: 10_000, scale: 1 },
  maxHalfOpen: { least: 1, most: 1000, scale: 1 },
  unchokeSlots: { least: 1, most: 1000, scale: 1 },
};

export function formOf(settings: Settings): SettingsForm {
  const form: Partial<SettingsForm> = { downloadFolder: settings.downloadFolder };
  for (const field of numberFields()) form[field] = String(Math.round(settings[field] / NUMBERS[field].scale));
  return form as SettingsForm;
}

/** What the form changes, or what is wrong with which of its fields. */
export function changeOf(
  form: SettingsForm,
  settings: Settings,
): { kind: "change"; change: SettingsChange } | { kind: "faults"; faults: Partial<SettingsForm> } {
  const faults: Partial<SettingsForm> = {};
  const change: { -readonly [K in keyof SettingsChange]: SettingsChange[K] } = {};
  const folder = form.downloadFolder.trim();
  if (folder === "") faults.downloadFolder = "Name a folder.";
  else if (folder !== settings.downloadFolder) change.downloadFolder = folder;
  const before = formOf(settings);
  for (const field of numberFields()) {
    const { least, most, scale } = NUMBERS[field];
    const text = form[field].trim();
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      faults[field] = `A whole number from ${least} to ${most}.`;
    } else if (text !== before[field]) {
      change[field] = value * scale;
    }
  }
  return Object.keys(faults).length > 0 ? { kind: "faults", faults } : { kind: "change", change };
}

function numberFields(): (keyof typeof NUMBERS)[] {
  return Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
}
