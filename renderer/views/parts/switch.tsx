import { Switch as Base } from "@base-ui/react/switch";

/** On or off, with effect at once. */
export function Switch({
  label,
  describedBy,
  isOn,
  testId,
  onChange,
}: {
  label: string;
  /** The id of what says more. */
  describedBy: string;
  isOn: boolean;
  testId: string;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <Base.Root
      className="switch"
      checked={isOn}
      aria-label={label}
      aria-describedby={describedBy}
      data-testid={testId}
      onCheckedChange={onChange}
    >
      <Base.Thumb className="switch-thumb" />
    </Base.Root>
  );
}
