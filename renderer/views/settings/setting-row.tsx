import { ChevronDown } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import type { Settings } from "../../../core/contract/views.ts";
import { hitsIn } from "../../format/search.ts";
import { isNumberSetting, judgeTyped, typedText } from "../../format/settings-form.ts";
import type { Preferences } from "../../store/preferences.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useChooseFolder } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Switch } from "../parts/switch.tsx";
import type { Control, Option, SettingRow } from "./sections.ts";

/** One setting: what it is, what it means, and what changes it. `terms` are marked in its words. */
export function Setting({ row, settings, terms }: { row: SettingRow; settings: Settings; terms: readonly string[] }) {
  const { control } = row;
  switch (control.kind) {
    case "typed":
      return <TypedSettingRow row={row} control={control} settings={settings} terms={terms} />;
    case "switch":
      return <SwitchRow row={row} control={control} settings={settings} terms={terms} />;
    case "choice":
      return <ChoiceRow row={row} control={control} settings={settings} terms={terms} />;
    case "preference":
      return <PreferenceRow row={row} control={control} terms={terms} />;
  }
}

type ControlOf<Kind extends Control["kind"]> = Extract<Control, { kind: Kind }>;

/** The frame of each: words at the left, the control at the right, beneath it where it is wide. */
function Line({
  row,
  terms,
  id,
  fault,
  isWide = false,
  children,
}: {
  row: SettingRow;
  terms: readonly string[];
  /** Of the control that the label names. */
  id?: string;
  fault?: string | undefined;
  isWide?: boolean;
  children: ReactNode;
}) {
  const label = <Marked text={row.label} terms={terms} />;
  return (
    <div className="setting" data-fault={fault !== undefined} data-wide={isWide}>
      <div className="setting-words">
        {id === undefined ? <span className="setting-label">{label}</span> : <label htmlFor={id}>{label}</label>}
        {row.note !== "" && (
          <p className="setting-note" id={`${id}-note`}>
            <Marked text={row.note} terms={terms} />
          </p>
        )}
      </div>
      <div className="setting-control">
        {children}
        {fault !== undefined && (
          <p className="setting-fault" role="alert" id={`${id}-fault`} data-testid="setting-fault">
            {fault}
          </p>
        )}
      </div>
    </div>
  );
}

function Marked({ text, terms }: { text: string; terms: readonly string[] }) {
  let at = 0;
  return hitsIn(text, terms).map((part) => {
    const key = at;
    at += part.text.length;
    return part.isHit ? <mark key={key}>{part.text}</mark> : <span key={key}>{part.text}</span>;
  });
}

/** Sends a change, and keeps why the engine refused the last one. */
function useChange(): [refusal: string | undefined, change: (change: SettingsChange) => Promise<void>] {
  const { changeSettings } = useActions();
  const [refusal, setRefusal] = useState<string>();
  return [refusal, async (change) => setRefusal(await changeSettings(change))];
}

/** It holds when the field is left, or with Enter. */
function TypedSettingRow({
  row,
  control,
  settings,
  terms,
}: {
  row: SettingRow;
  control: ControlOf<"typed">;
  settings: Settings;
  terms: readonly string[];
}) {
  const { setting, unit, isFolder = false } = control;
  const kept = typedText(setting, settings);
  const [known, setKnown] = useState(kept);
  const [draft, setDraft] = useState<string>();
  const [refusal, change] = useChange();
  const chooseFolder = useChooseFolder();
  const id = useId();
  if (kept !== known) {
    setKnown(kept);
    setDraft(undefined);
  }
  const judged = draft === undefined ? undefined : judgeTyped(setting, draft, settings);
  const fault = judged?.kind === "fault" ? judged.words : refusal;
  const isNumber = isNumberSetting(setting);

  function apply(text: string | undefined): void {
    if (text === undefined) return;
    const { kind, ...rest } = judgeTyped(setting, text, settings);
    if (kind !== "value" || !("value" in rest)) return;
    if (Object.keys(rest.value).length === 0) setDraft(undefined);
    else void change(rest.value);
  }

  return (
    <Line row={row} terms={terms} id={id} fault={fault} isWide={!isNumber}>
      <div className="field-line" data-number={isNumber}>
        <span className="field-box" data-number={isNumber}>
          <input
            id={id}
            type="text"
            inputMode={isNumber ? "numeric" : "text"}
            value={draft ?? kept}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? `${id}-note` : `${id}-fault`}
            data-testid={`setting-${setting}`}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={() => apply(draft)}
            onKeyDown={(event) => {
              if (event.key === "Enter") apply(draft);
            }}
          />
          {unit !== undefined && <span className="field-unit">{unit}</span>}
        </span>
        {isFolder && chooseFolder !== undefined && (
          <Button onClick={() => void chooseFolder(kept).then((folder) => folder !== undefined && apply(folder))}>
            {say.frame.choose}
          </Button>
        )}
      </div>
    </Line>
  );
}

function SwitchRow({
  row,
  control: { setting },
  settings,
  terms,
}: {
  row: SettingRow;
  control: ControlOf<"switch">;
  settings: Settings;
  terms: readonly string[];
}) {
  const [refusal, change] = useChange();
  return (
    <Line row={row} terms={terms} fault={refusal}>
      <Switch
        label={row.label}
        isOn={settings[setting]}
        testId={`setting-${setting}`}
        onChange={(isOn) => void change({ [setting]: isOn })}
      />
    </Line>
  );
}

function ChoiceRow({
  row,
  control: { setting, options },
  settings,
  terms,
}: {
  row: SettingRow;
  control: ControlOf<"choice">;
  settings: Settings;
  terms: readonly string[];
}) {
  const id = useId();
  const [refusal, change] = useChange();
  return (
    <Line row={row} terms={terms} id={id} fault={refusal}>
      <Select
        id={id}
        options={options}
        chosen={settings[setting]}
        testId={`setting-${setting}`}
        onChoose={(value) => void change({ [setting]: value } as SettingsChange)}
      />
    </Line>
  );
}

function PreferenceRow({
  row,
  control: { preference, options },
  terms,
}: {
  row: SettingRow;
  control: ControlOf<"preference">;
  terms: readonly string[];
}) {
  const id = useId();
  const { prefer } = useActions();
  const chosen = useApp((state) => state.preferences[preference]);
  return (
    <Line row={row} terms={terms} id={id}>
      <Select
        id={id}
        options={options}
        chosen={chosen}
        testId={`setting-${preference}`}
        onChoose={(value) => prefer({ [preference]: value } as Partial<Preferences>)}
      />
    </Line>
  );
}

function Select({
  id,
  options,
  chosen,
  testId,
  onChoose,
}: {
  id: string;
  options: readonly Option[];
  chosen: string;
  testId: string;
  onChoose: (value: string) => void;
}) {
  return (
    <span className="field-box">
      <select
        id={id}
        value={chosen}
        aria-describedby={`${id}-note`}
        data-testid={testId}
        onChange={({ target }) => onChoose(target.value)}
      >
        {options.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      <ChevronDown className="field-chevron" size={15} aria-hidden="true" />
    </span>
  );
}
