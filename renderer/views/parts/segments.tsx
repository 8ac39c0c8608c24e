import { formatCount } from "../../format/units.ts";

export interface Segment<Value> {
  readonly value: Value;
  readonly title: string;
  readonly count?: number;
  readonly testId: string;
}

/** A choice of one among a few, all in sight. */
export function Segments<Value>({
  label,
  segments,
  chosen,
  onChoose,
}: {
  label: string;
  segments: readonly Segment<Value>[];
  chosen: Value;
  onChoose: (value: Value) => void;
}) {
  return (
    <fieldset className="segments">
      <legend className="unseen">{label}</legend>
      {segments.map(({ value, title, count, testId }) => (
        <button
          key={testId}
          type="button"
          className="segment"
          aria-pressed={value === chosen}
          data-testid={testId}
          onClick={() => onChoose(value)}
        >
          {title}
          {count !== undefined && <span className="segment-count">{formatCount(count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}
