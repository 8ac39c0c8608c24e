import { History, Undo2 } from "lucide-react";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";

/** Instead of the toolbar while a recording is looked at: nothing in it can be changed. */
export function PastHeader() {
  const { leavePast } = useActions();
  const name = useApp((state) => state.past?.name);
  return (
    <header className="past-header" data-testid="past-header">
      <History size={18} aria-hidden="true" />
      <p className="past-title">
        <strong>{say.recording.past}</strong>
        <span className="ellipsis" title={name}>
          {name}
        </span>
      </p>
      <p className="past-text">{say.recording.pastText}</p>
      <Button look="primary" onClick={leavePast} data-testid="past-leave">
        <Undo2 size={15} aria-hidden="true" />
        {say.recording.leave}
      </Button>
    </header>
  );
}
