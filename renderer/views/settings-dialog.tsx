import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import type { Settings } from "../../core/contract/views.ts";
import {
  changeOf,
  ENCRYPTION_CHOICES,
  type EncryptionField,
  encryptionPolicyWords,
  type FormFaults,
  type FormField,
  formOf,
  type SettingsForm,
  type SwitchField,
  TRANSPORT_CHOICES,
  transportWords,
} from "../format/settings-form.ts";
import type { Preferences } from "../store/preferences.ts";
import { useActions, useApp, useChooseFolder } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { LabelledCheckbox } from "./parts/checkbox.tsx";
import { Choice, Field } from "./parts/field.tsx";
import { type Segment, Segments } from "./parts/segments.tsx";
import { DialogWindow } from "./parts/window.tsx";

const THEMES: readonly Segment<Preferences["theme"]>[] = [
  { value: "system", title: "As the system", testId: "theme-system" },
  { value: "light", title: "Light", testId: "theme-light" },
  { value: "dark", title: "Dark", testId: "theme-dark" },
];

export function SettingsDialog() {
  const session = useApp((state) => state.engine.session);
  return session === undefined ? null : <SettingsWindow settings={session.settings} filterWords={session.ipFilter} />;
}

function SettingsWindow({ settings, filterWords }: { settings: Settings; filterWords: string | undefined }) {
  const { changeSettings, closeDialog } = useActions();
  const chooseFolder = useChooseFolder();
  const [form, setForm] = useState(() => formOf(settings));
  const [faults, setFaults] = useState<FormFaults>({});
  const [refusal, setRefusal] = useState<string>();
  const formId = useId();

  function change<F extends FormField>(field: F, value: SettingsForm[F]): void {
    setForm({ ...form, [field]: value });
    setFaults({ ...faults, [field]: undefined });
    setRefusal(undefined);
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const judged = changeOf(form, settings);
    if (judged.kind === "faults") return setFaults(judged.faults);
    const refused = Object.keys(judged.change).length === 0 ? undefined : await changeSettings(judged.change);
    if (refused === undefined) closeDialog();
    else setRefusal(refused);
  }

  const number = (
    name: Exclude<FormField, "downloadFolder" | "ipFilter" | "proxy" | "transport" | SwitchField | EncryptionField>,
    label: string,
    note: ReactNode,
    unit?: string,
  ) => (
    <Field
      label={label}
      value={form[name]}
      fault={faults[name]}
      note={note}
      isNumber
      testId={`setting-${name}`}
      onChange={(value) => change(name, value)}
      {...(unit === undefined ? {} : { unit })}
    />
  );

  const onOff = (name: SwitchField, label: string, note?: string) => (
    <LabelledCheckbox
      label={label}
      isChecked={form[name]}
      testId={`setting-${name}`}
      onChange={(isOn) => change(name, isOn)}
      {...(note === undefined ? {} : { note })}
    />
  );

  const encryption = (name: EncryptionField, label: string) => (
    <Choice
      label={label}
      options={ENCRYPTION_CHOICES}
      chosen={form[name]}
      note={encryptionPolicyWords(name, form[name])}
      testId={`setting-${name}`}
      onChoose={(policy) => change(name, policy)}
    />
  );

  return (
    <DialogWindow
      title="Settings"
      testId="settings-dialog"
      size="medium"
      onClose={closeDialog}
      footer={
        <>
          {refusal !== undefined && (
            <p className="foot-fault" role="alert" data-testid="settings-error">
              {refusal}
            </p>
          )}
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" form={formId} data-testid="settings-save">
            Save
          </Button>
        </>
      }
    >
      <form id={formId} className="settings" onSubmit={(event) => void submit(event)}>
        <ThemeChoice />
        <Field
          label="Download folder"
          value={form.downloadFolder}
          fault={faults.downloadFolder}
          note="Where new torrents are saved unless you choose another place."
          isFirst
          testId="setting-downloadFolder"
          onChange={(value) => change("downloadFolder", value)}
        >
          {chooseFolder !== undefined && (
            <Button
              onClick={() =>
                void chooseFolder(form.downloadFolder).then((folder) => {
                  if (folder !== undefined) change("downloadFolder", folder);
                })
              }
            >
              Choose…
            </Button>
          )}
        </Field>
        <fieldset className="settings-group">
          <legend>Speed</legend>
          <div className="fields">
            {number("downLimit", "Download limit", "0: no limit", "KiB/s")}
            {number("upLimit", "Upload limit", "0: no limit", "KiB/s")}
          </div>
          {onOff("limitLocalPeers", "Limit peers in the local network, too")}
        </fieldset>
        <fieldset className="settings-group">
          <legend>Connections</legend>
          <div className="fields">
            {number("listenPort", "Listen port", "0: the system chooses one")}
            <Choice
              label="Peers are dialled over"
              options={TRANSPORT_CHOICES}
              chosen={form.transport}
              note={transportWords(form.transport)}
              testId="setting-transport"
              onChoose={(transport) => change("transport", transport)}
            />
            {number("maxConnections", "Connections in all", "Over all torrents")}
            {number("maxConnectionsPerTorrent", "For each torrent", "At most so many peers")}
            {number("maxHalfOpen", "Dialled at a time", "Connections not yet answered")}
            {number("unchokeSlots", "Upload slots", "For each torrent; 0: by the upload rate")}
          </div>
          {onOff("portMapping", "Ask the router to open the port")}
          <MappingWords />
        </fieldset>
        <Field
          label="Proxy"
          value={form.proxy}
          fault={faults.proxy}
          note="socks5://user:password@host:port or http://… Then nobody can connect to us, and all that needs UDP is off."
          testId="setting-proxy"
          onChange={(value) => change("proxy", value)}
        />
        <Field
          label="List of blocked addresses"
          value={form.ipFilter}
          fault={faults.ipFilter}
          note={
            filterWords ?? "A file on the engine's machine: .p2p, .dat or CIDR, also gzipped. Empty: nobody is blocked."
          }
          testId="setting-ipFilter"
          onChange={(value) => change("ipFilter", value)}
        />
        <fieldset className="settings-group">
          <legend>Finding peers without a tracker</legend>
          <div className="switches">
            {onOff("dht", "DHT", "All over the world")}
            {onOff("pex", "Peer exchange", "Peers name others")}
            {onOff("lsd", "Local network", "Who is near")}
          </div>
          <p className="field-note">Private torrents use none of these, whatever is chosen.</p>
        </fieldset>
        <fieldset className="settings-group">
          <legend>Encryption</legend>
          <div className="fields">
            {encryption("encryptionOutgoing", "When we connect")}
            {encryption("encryptionIncoming", "When a peer connects to us")}
          </div>
        </fieldset>
      </form>
    </DialogWindow>
  );
}

function MappingWords() {
  const words = useApp((state) => state.engine.session?.mapping.words);
  return (
    <p className="choice-note" data-testid="mapping-words">
      {words}
    </p>
  );
}

/** Takes effect at once: it is seen, not saved. */
function ThemeChoice() {
  const { prefer } = useActions();
  const theme = useApp((state) => state.preferences.theme);
  return (
    <div className="field">
      <span className="field-label">Appearance</span>
      <Segments label="Appearance" segments={THEMES} chosen={theme} onChoose={(value) => prefer({ theme: value })} />
    </div>
  );
}
