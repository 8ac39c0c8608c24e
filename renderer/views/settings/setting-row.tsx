import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import type { Settings } from "../../../core/contract/views.ts";
import { isNumberSetting, judgeTyped, typedText } from "../../format/settings-form.ts";
import type { Preferences } from "../../store/preferences.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useChooseFolder } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Line, type LineWords, SwitchLine, TypedLine } from "./lines.tsx";
import type { Control, Option, SettingRow } from "./sections.ts";

/** One setting: what it is, what it means, and what changes it. `terms` are marked in its words. */
export function Setting({ row, settings, terms }: { row: SettingRow; settings: Settings; terms: readonly string[] }) {
  const { label, note, control } = row;
  const words = { label, note, terms };
  switch (control.kind) {
    case "typed":
      return <TypedRow words={words} control={control} settings={settings} />;
    case "switch":
      return <SwitchRow words={words} control={control} settings={settings} />;
    case "choice":
      return <ChoiceRow words={words} control={control} settings={settings} />;
    case "preference":
      return <PreferenceRow words={words} control={control} />;
  }
}

interface RowProps<Kind extends Control["kind"]> {
  readonly words: LineWords;
  readonly control: Extract<Control, { kind: Kind }>;
  readonly settings: Settings;
}

/** Sends a change, and keeps why the engine refused the last one. */
function useChange(): [refusal: string | undefined, change: (change: SettingsChange) => Promise<void>] {
  const { changeSettings } = useActions();
  const [refusal, setRefusal] = useState<string>();
  return [refusal, async (change) => setRefusal(await changeSettings(change))];
}

function TypedRow({ words, control: { setting, unit, isFolder = false }, settings }: RowProps<"typed">) {
  const { changeSettings } = useActions();
  const chooseFolder = useChooseFolder();
  const kept = typedText(setting, settings);
  return (
    <TypedLine
      words={words}
      kept={kept}
      unit={unit}
      isNumber={isNumberSetting(setting)}
      testId={`setting-${setting}`}
      judge={(text) => judgeTyped(setting, text, settings)}
      apply={changeSettings}
    >
      {isFolder && chooseFolder !== undefined && (
        <Button
          onClick={() =>
            void chooseFolder(kept).then((folder) => {
              if (folder !== undefined) void changeSettings({ [setting]: folder });
            })
          }
        >
          {say.frame.choose}
        </Button>
      )}
    </TypedLine>
  );
}

function SwitchRow({ words, control: { setting }, settings }: RowProps<"switch">) {
  const [refusal, change] = useChange();
  return (
    <SwitchLine
      words={words}
      fault={refusal}
      isOn={settings[setting]}
      testId={`setting-${setting}`}
      onChange={(isOn) => void change({ [setting]: isOn })}
    />
  );
}

function ChoiceRow({ words, control: { setting, options }, settings }: RowProps<"choice">) {
  const id = useId();
  const [refusal, change] = useChange();
  return (
    <Line words={words} id={id} fault={refusal}>
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

function PreferenceRow({ words, control: { preference, options } }: Omit<RowProps<"preference">, "settings">) {
  const id = useId();
  const { prefer } = useActions();
  const chosen = useApp((state) => state.preferences[preference]);
  return (
    <Line words={words} id={id}>
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
