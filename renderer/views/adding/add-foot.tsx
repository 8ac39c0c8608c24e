import { say } from "../../words/say.ts";
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
          {say.adding.more(waiting)}
        </p>
      )}
      <Button onClick={() => dismiss(id)} data-testid="add-cancel">
        {waiting > 0 ? say.adding.skip : say.frame.cancel}
      </Button>
      <Button look="primary" data-first disabled={disabled} onClick={onAdd} data-testid="add-confirm">
        {isAdded ? say.adding.merge : say.frame.add}
      </Button>
    </>
  );
}

/** What adding a torrent that is in the list already does. */
export function AlreadyNote({ trackers }: { trackers: number }) {
  return (
    <p className="note" data-tone="info" data-testid="add-already">
      {say.adding.already} {trackers === 0 ? say.adding.alreadyNoTracker : say.adding.alreadyMerges(trackers)}
    </p>
  );
}
