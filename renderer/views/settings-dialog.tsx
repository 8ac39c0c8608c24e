import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import type { Settings } from "../../core/contract/views.ts";
import {
  changeOf,
  ENCRYPTION_CHOICES,
  type EncryptionField,
  type FormFaults,
  type FormField,
  formOf,
  type SettingsForm,
  type SwitchField,
  TRANSPORT_CHOICES,
} from "../format/settings-form.ts";
import type { Preferences } from "../store/preferences.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useChooseFolder } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { LabelledCheckbox } from "./parts/checkbox.tsx";
import { Choice, Field } from "./parts/field.tsx";
import { Segments } from "./parts/segments.tsx";
import { DialogWindow } from "./parts/window.tsx";

const THEMES: readonly Preferences["theme"][] = ["system", "light", "dark"];

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
  const words = say.settings;

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
      options={ENCRYPTION_CHOICES.map((value) => ({ value, title: words.policies[value] }))}
      chosen={form[name]}
      note={words.policyNotes[name][form[name]]}
      testId={`setting-${name}`}
      onChoose={(policy) => change(name, policy)}
    />
  );

  return (
    <DialogWindow
      title={words.title}
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
          <Button onClick={closeDialog}>{say.frame.cancel}</Button>
          <Button look="primary" type="submit" form={formId} data-testid="settings-save">
            {words.save}
          </Button>
        </>
      }
    >
      <form id={formId} className="settings" onSubmit={(event) => void submit(event)}>
        <ThemeChoice />
        <Field
          label={words.downloadFolder}
          value={form.downloadFolder}
          fault={faults.downloadFolder}
          note={words.downloadFolderNote}
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
              {say.frame.choose}
            </Button>
          )}
        </Field>
        <fieldset className="settings-group">
          <legend>{words.speed}</legend>
          <div className="fields">
            {number("downLimit", words.downLimit, words.noLimit, "KiB/s")}
            {number("upLimit", words.upLimit, words.noLimit, "KiB/s")}
          </div>
          {onOff("limitLocalPeers", words.limitLocalPeers)}
        </fieldset>
        <fieldset className="settings-group">
          <legend>{words.connections}</legend>
          <div className="fields">
            {number("listenPort", words.listenPort, words.listenPortNote)}
            <Choice
              label={words.transport}
              options={TRANSPORT_CHOICES.map((value) => ({ value, title: words.transports[value] }))}
              chosen={form.transport}
              note={words.transportNotes[form.transport]}
              testId="setting-transport"
              onChoose={(transport) => change("transport", transport)}
            />
            {number("maxConnections", words.maxConnections, words.maxConnectionsNote)}
            {number("maxConnectionsPerTorrent", words.maxConnectionsPerTorrent, words.maxConnectionsPerTorrentNote)}
            {number("maxHalfOpen", words.maxHalfOpen, words.maxHalfOpenNote)}
            {number("unchokeSlots", words.unchokeSlots, words.unchokeSlotsNote)}
          </div>
          {onOff("portMapping", words.portMapping)}
          <MappingWords />
        </fieldset>
        <Field
          label={words.proxy}
          value={form.proxy}
          fault={faults.proxy}
          note={words.proxyNote}
          testId="setting-proxy"
          onChange={(value) => change("proxy", value)}
        />
        <Field
          label={words.ipFilter}
          value={form.ipFilter}
          fault={faults.ipFilter}
          note={filterWords ?? words.ipFilterNote}
          testId="setting-ipFilter"
          onChange={(value) => change("ipFilter", value)}
        />
        <fieldset className="settings-group">
          <legend>{words.finding}</legend>
          <div className="switches">
            {onOff("dht", words.dht, words.dhtNote)}
            {onOff("pex", words.pex, words.pexNote)}
            {onOff("lsd", words.lsd, words.lsdNote)}
          </div>
          <p className="field-note">{words.privateNote}</p>
        </fieldset>
        <fieldset className="settings-group">
          <legend>{words.encryption}</legend>
          <div className="fields">
            {encryption("encryptionOutgoing", words.encryptionOutgoing)}
            {encryption("encryptionIncoming", words.encryptionIncoming)}
          </div>
        </fieldset>
      </form>
    </DialogWindow>
  );
}

function MappingWords() {
  const told = useApp((state) => state.engine.session?.mapping.words);
  return (
    <p className="choice-note" data-testid="mapping-words">
      {told}
    </p>
  );
}

/** Takes effect at once: it is seen, not saved. */
function ThemeChoice() {
  const { prefer } = useActions();
  const theme = useApp((state) => state.preferences.theme);
  return (
    <div className="field">
      <span className="field-label">{say.settings.look}</span>
      <Segments
        label={say.settings.look}
        segments={THEMES.map((value) => ({ value, title: say.settings.themes[value], testId: `theme-${value}` }))}
        chosen={theme}
        onChoose={(value) => prefer({ theme: value })}
      />
    </div>
  );
}
