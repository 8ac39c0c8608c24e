import { formatPercent, share } from "../../format/units.ts";

/** A share as a bar with its number. `tone` is a state's name, which the style sheet colours. */
export function ProgressBar({
  part,
  whole,
  tone,
  label,
}: {
  part: number;
  whole: number;
  tone: string;
  label: string;
}) {
  const filled = share(part, whole);
  const words = formatPercent(part, whole);
  return (
    <div className="progress" data-tone={tone}>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={label}
        aria-valuenow={Math.floor(filled * 1000) / 10}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={words}
      >
        <div className="progress-fill" style={{ transform: `scaleX(${filled})` }} />
      </div>
      <span className="progress-words" aria-hidden="true">
        {words}
      </span>
    </div>
  );
}
