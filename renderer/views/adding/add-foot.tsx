import { countOf } from "../../format/units.ts";
import { useActions } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";

/** The last line of a window that adds a torrent: what went wrong, how many more wait, and the buttons. */
export function AddFoot({
  id,
  waiting,
  fault,
  isAdded,
  disabled,
  onAdd,
}: {
  id: number;
  waiting: number;
  fault: string | undefined;
  /** It is in the list already. */
  isAdded: boolean;
  disabled: boolean;
  onAdd: () => void;
}) {
  const { dismiss } = useActions();
  return (
    <>
      {fault !== undefined && (
        <p className="foot-fault" role="alert" data-testid="add-fault">
          {fault}
        </p>
      )}
      {waiting > 0 && fault === undefined && (
        <p className="foot-note" data-testid="add-waiting">
          {countOf(waiting, "more torrent")} after this
        </p>
      )}
      <Button onClick={() => dismiss(id)} data-testid="add-cancel">
        {waiting > 0 ? "Skip" : "Cancel"}
      </Button>
      <Button look="primary" data-first disabled={disabled} onClick={onAdd} data-testid="add-confirm">
        {isAdded ? "Merge" : "Add"}
      </Button>
    </>
  );
}

/** What adding a torrent that is in the list already does. */
export function AlreadyNote({ trackers }: { trackers: number }) {
  return (
    <p className="note" data-tone="info" data-testid="add-already">
      This torrent is in the list already.{" "}
      {trackers === 0
        ? "Adding it again changes nothing: it names no tracker."
        : `Adding it again merges its ${countOf(trackers, "tracker")} into those it has; nothing else changes.`}
    </p>
  );
}
