import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import { useId } from "react";

/** A check box; `some` when only a part of what it stands for is chosen. */
export function Checkbox({
  state,
  label,
  id,
  disabled = false,
  testId,
  onChange,
}: {
  state: "all" | "some" | "none";
  label: string;
  /** What a `<label>` names it by. */
  id?: string;
  disabled?: boolean;
  testId?: string;
  onChange: (checked: boolean) => void;
}) {
  return (
    <Base.Root
      className="checkbox"
      id={id}
      checked={state === "all"}
      indeterminate={state === "some"}
      disabled={disabled}
      aria-label={label}
      data-testid={testId}
      onCheckedChange={onChange}
    >
      <Base.Indicator className="checkbox-mark">
        {state === "some" ? <Minus size={11} strokeWidth={3} /> : <Check size={11} strokeWidth={3} />}
      </Base.Indicator>
    </Base.Root>
  );
}

/** With its words beside it, and beneath it what they mean. */
export function LabelledCheckbox({
  label,
  note,
  isChecked,
  disabled = false,
  testId,
  onChange,
}: {
  label: string;
  note?: string;
  isChecked: boolean;
  disabled?: boolean;
  testId: string;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="choice">
      <Checkbox
        state={isChecked ? "all" : "none"}
        id={id}
        label={label}
        disabled={disabled}
        testId={testId}
        onChange={onChange}
      />
      <label htmlFor={id}>
        {label}
        {note !== undefined && <span className="choice-note">{note}</span>}
      </label>
    </div>
  );
}
