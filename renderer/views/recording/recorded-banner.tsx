import { CircleDot } from "lucide-react";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";

/** A recording has just ended: where it is, and the way into it. */
export function RecordedBanner() {
  const { openRecordingPath, forgetRecorded } = useActions();
  const recorded = useApp((state) => state.recorded);
  if (recorded === undefined) return null;
  return (
    <div className="banner" data-tone="info" role="status" data-testid="recorded-banner" data-path={recorded.path}>
      <CircleDot size={16} aria-hidden="true" />
      <p className="ellipsis" title={recorded.path}>
        {say.recording.saved(recorded.name)}
      </p>
      <span className="toolbar-space" />
      <Button
        className="button-small"
        data-testid="recorded-open"
        onClick={() => void openRecordingPath(recorded.path)}
      >
        {say.recording.look}
      </Button>
      <Button className="button-small" data-testid="recorded-dismiss" onClick={forgetRecorded}>
        {say.recording.dismiss}
      </Button>
    </div>
  );
}
