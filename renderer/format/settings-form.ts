import type { SettingsChange } from "../../core/contract/messages.ts";
import type { EncryptionPolicy, Settings, TransportChoice } from "../../core/contract/views.ts";
import { parseProxy } from "../../core/model/proxy.ts";
import { KIB } from "../../core/model/units.ts";
import { say } from "../words/say.ts";

/** The settings as a form has them: text. Rates are in KiB/s there, bytes a second in the engine. */
export type SettingsForm = Record<TextField, string> &
  Record<SwitchField, boolean> &
  Pick<Settings, EncryptionField | "transport">;

/** Which connections a policy is about: those that come to us, or those we make. */
export type EncryptionField = "encryptionIncoming" | "encryptionOutgoing";
/** What is on or off. */
export type SwitchField = (typeof SWITCHES)[number];
export type FormField = keyof SettingsForm;
type TextField = Exclude<keyof Settings, "bindHost" | "transport" | SwitchField | EncryptionField>;

const SWITCHES = ["limitLocalPeers", "portMapping", "dht", "pex", "lsd"] as const;

/** From the least to the most encryption. */
export const ENCRYPTION_CHOICES: readonly EncryptionPolicy[] = ["off", "allow", "prefer", "require"];
export const TRANSPORT_CHOICES: readonly TransportChoice[] = ["both", "tcp", "utp"];

/** What is wrong with which field. */
export type FormFaults = Partial<Record<FormField, string>>;

interface NumberField {
  readonly least: number;
  readonly most: number;
  readonly scale: number;
}

/** The contract's own limits, so that a form refuses what the engine would. */
const NUMBERS: Record<Exclude<TextField, "downloadFolder" | "ipFilter" | "proxy">, NumberField> = {
  listenPort: { least: 0, most: 65535, scale: 1 },
  downLimit: { least: 0, most: 2 ** 30, scale: KIB },
  upLimit: { least: 0, most: 2 ** 30, scale: KIB },
  maxConnections: { least: 1, most: 10_000, scale: 1 },
  maxConnectionsPerTorrent: { least: 1, most: 10_000, scale: 1 },
  maxHalfOpen: { least: 1, most: 1000, scale: 1 },
  unchokeSlots: { least: 0, most: 1000, scale: 1 },
};

export function formOf(settings: Settings): SettingsForm {
  const { downloadFolder, ipFilter, proxy, transport, encryptionIncoming, encryptionOutgoing } = settings;
  const chosen = { transport, encryptionIncoming, encryptionOutgoing };
  const form: { -readonly [K in FormField]?: SettingsForm[K] } = { downloadFolder, ipFilter, proxy, ...chosen };
  for (const field of SWITCHES) form[field] = settings[field];
  for (const field of numberFields()) form[field] = String(Math.round(settings[field] / NUMBERS[field].scale));
  return form as SettingsForm;
}

/** What the form changes, or what is wrong with which of its fields. */
export function changeOf(
  form: SettingsForm,
  settings: Settings,
): { kind: "change"; change: SettingsChange } | { kind: "faults"; faults: FormFaults } {
  const faults: FormFaults = {};
  const change: { -readonly [K in keyof SettingsChange]: SettingsChange[K] } = {};
  const folder = form.downloadFolder.trim();
  if (folder === "") faults.downloadFolder = say.settings.faults.noFolder;
  else if (folder !== settings.downloadFolder) change.downloadFolder = folder;
  const proxy = form.proxy.trim();
  const judged = proxy === "" || proxy === settings.proxy ? undefined : parseProxy(proxy);
  if (typeof judged === "string") faults.proxy = say.settings.faults.notAProxy(judged);
  else if (proxy !== settings.proxy) change.proxy = proxy;
  const list = form.ipFilter.trim();
  if (list !== settings.ipFilter) change.ipFilter = list;
  for (const field of ["encryptionIncoming", "encryptionOutgoing"] as const) {
    if (form[field] !== settings[field]) change[field] = form[field];
  }
  for (const field of SWITCHES) if (form[field] !== settings[field]) change[field] = form[field];
  if (form.transport !== settings.transport) change.transport = form.transport;
  const before = formOf(settings);
  for (const field of numberFields()) {
    const { least, most, scale } = NUMBERS[field];
    const text = form[field].trim();
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      faults[field] = say.settings.faults.number(least, most);
    } else if (text !== before[field]) {
      change[field] = value * scale;
    }
  }
  return Object.keys(faults).length > 0 ? { kind: "faults", faults } : { kind: "change", change };
}

function numberFields(): (keyof typeof NUMBERS)[] {
  return Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
}
