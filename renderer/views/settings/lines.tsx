import { type ReactNode, useId, useState } from "react";
import { hitsIn } from "../../format/search.ts";
import type { Judged } from "../../format/settings-form.ts";
import { Switch } from "../parts/switch.tsx";

/** What a line says, and which terms of a search are marked in it. */
export interface LineWords {
  readonly label: string;
  readonly note: string;
  readonly terms: readonly string[];
}

/** The frame of each setting: words at the left, the control at the right, beneath them where it is wide. */
export function Line({
  words: { label, note, terms },
  id,
  isNamed = true,
  fault,
  isWide = false,
  children,
}: {
  words: LineWords;
  /** Of the control; its note and its fault have it with an ending. */
  id: string;
  /** The label is the control's own: pressing it reaches the control. */
  isNamed?: boolean;
  fault?: string | undefined;
  isWide?: boolean;
  children: ReactNode;
}) {
  const marked = <Marked text={label} terms={terms} />;
  return (
    <div className="setting" data-fault={fault !== undefined} data-wide={isWide}>
      <div className="setting-words">
        {isNamed ? <label htmlFor={id}>{marked}</label> : <span className="setting-label">{marked}</span>}
        {note !== "" && (
          <p className="setting-note" id={`${id}-note`}>
            <Marked text={note} terms={terms} />
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

/** Text that holds when its field is left, or with Enter. */
export function TypedLine<Value>({
  words,
  kept,
  unit,
  isNumber,
  testId,
  judge,
  apply,
  children,
}: {
  words: LineWords;
  /** As the engine has it. */
  kept: string;
  unit?: string | undefined;
  isNumber: boolean;
  testId: string;
  judge: (text: string) => Judged<Value>;
  /** @returns Why the engine refuses it. */
  apply: (value: Value) => Promise<string | undefined>;
  /** A button beside the line. */
  children?: ReactNode;
}) {
  const [known, setKnown] = useState(kept);
  const [draft, setDraft] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const id = useId();
  if (kept !== known) {
    setKnown(kept);
    setDraft(undefined);
  }
  const judged = draft === undefined ? undefined : judge(draft);
  const fault = judged?.kind === "fault" ? judged.words : refusal;

  function finish(): void {
    if (judged?.kind !== "value") return;
    if (draft?.trim() === kept) setDraft(undefined);
    else void apply(judged.value).then(setRefusal);
  }

  return (
    <Line words={words} id={id} fault={fault} isWide={!isNumber}>
      <div className="field-line">
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
            data-testid={testId}
            onChange={(event) => {
              setDraft(event.target.value);
              setRefusal(undefined);
            }}
            onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === "Enter") finish();
            }}
          />
          {unit !== undefined && <span className="field-unit">{unit}</span>}
        </span>
        {children}
      </div>
    </Line>
  );
}

/** On or off, at once. */
export function SwitchLine({
  words,
  isOn,
  fault,
  testId,
  onChange,
}: {
  words: LineWords;
  isOn: boolean;
  fault?: string | undefined;
  testId: string;
  onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <Line words={words} id={id} isNamed={false} fault={fault}>
      <Switch
        label={words.label}
        describedBy={`${id}-${fault === undefined ? "note" : "fault"}`}
        isOn={isOn}
        testId={testId}
        onChange={onChange}
      />
    </Line>
  );
}
