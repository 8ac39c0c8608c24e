import type { FilePriority, FileView } from "../../core/contract/views.ts";
import { say } from "../words/say.ts";

/** What may be chosen for a file, the most urgent first. */
const CHOICES = ["high", "normal", "low", "skip"] as const satisfies readonly (FilePriority | "skip")[];
export type FileWish = (typeof CHOICES)[number];

/** Which files come first, and which not at all. A folder whose files differ says so. */
export function FilePriorityChoice({
  name,
  files,
  onChoose,
}: {
  name: string;
  files: readonly FileView[];
  onChoose: (wish: FileWish) => void;
}) {
  const wishes = new Set(files.map(({ isWanted, priority }): FileWish => (isWanted ? priority : "skip")));
  const [wish = "normal"] = wishes;
  return (
    <select
      className="cell-select"
      value={wishes.size > 1 ? "" : wish}
      tabIndex={-1}
      data-stop
      data-wish={wishes.size > 1 ? "mixed" : wish}
      aria-label={say.files.priorityOf(name)}
      data-testid="file-priority"
      onChange={({ target }) => {
        const chosen = CHOICES.find((choice) => choice === target.value);
        if (chosen !== undefined) onChoose(chosen);
      }}
    >
      {wishes.size > 1 && (
        <option value="" disabled>
          {say.files.mixed}
        </option>
      )}
      {CHOICES.map((choice) => (
        <option key={choice} value={choice}>
          {say.files.wishes[choice]}
        </option>
      ))}
    </select>
  );
}
