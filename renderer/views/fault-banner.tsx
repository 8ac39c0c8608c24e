import { OctagonAlert } from "lucide-react";
import { formatBytes } from "../format/units.ts";
import { faultWords } from "../format/words.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";

/** What stopped the torrent, where, why, and what to do; trying again is one press. */
export function FaultBanner() {
  const { resume } = useActions();
  const id = useApp((state) => state.selected);
  const fault = useApp((state) => selectedTorrent(state)?.fault);
  if (fault === undefined || id === undefined) return null;
  return (
    <div
      className="banner banner-fault"
      data-tone="error"
      role="alert"
      data-testid="fault-banner"
      data-kind={fault.kind}
    >
      <OctagonAlert size={18} aria-hidden="true" />
      <div className="banner-words">
        <p>
          <strong>{faultWords(fault.kind)}.</strong> {fault.advice}
        </p>
        <p className="banner-detail">
          <code>{fault.path}</code> — {fault.cause}
          {fault.free !== undefined && `, ${say.details.free(formatBytes(fault.free))}`}
        </p>
      </div>
      <Button look="primary" onClick={() => void resume(id)} data-testid="fault-resume">
        {say.details.resume}
      </Button>
    </div>
  );
}
