import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";

/** A check box; `some` when only a part of what it stands for is chosen. */
export function Checkbox({
  state,
  label,
  disabled = false,
  testId,
  onChange,
}: {
  state: "all" | "some" | "none";
  label: string;
  disabled?: boolean;
  testId?: string;
  onChange: (checked: boolean) => void;
}) {
  return (
    <Base.Root
      className="checkbox"
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
