import { useState } from "react";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { formatBytes } from "../format/units.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { Checkbox } from "./parts/checkbox.tsx";
import { DialogWindow } from "./parts/window.tsx";

/** Asks before a torrent leaves the list, and whether its data goes with it. */
export function RemoveDialog({ torrent }: { torrent: TorrentId }) {
  const { remove, closeDialog } = useActions();
  const view = useApp((state) => state.engine.torrents.get(torrent));
  const [withData, setWithData] = useState(false);
  if (view === undefined) return null;

  function confirm(): void {
    closeDialog();
    void remove(torrent, withData);
  }

  return (
    <DialogWindow
      title={say.torrents.removeTitle}
      description={view.name}
      testId="remove-dialog"
      size="small"
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={closeDialog} data-testid="remove-cancel">
            {say.frame.cancel}
          </Button>
          <Button look="danger" data-first onClick={confirm} data-testid="remove-confirm">
            {withData ? say.torrents.removeWithData : say.torrents.removeNow}
          </Button>
        </>
      }
    >
      <div className="choice">
        <Checkbox
          state={withData ? "all" : "none"}
          label={say.torrents.deleteData}
          testId="remove-with-data"
          onChange={setWithData}
        />
        <div>
          <p>{say.torrents.deleteData}</p>
          <p className="quiet">
            {withData
              ? say.torrents.dataDeleted(formatBytes(view.bytesDone), view.folder)
              : say.torrents.dataStays(view.folder)}
          </p>
        </div>
      </div>
    </DialogWindow>
  );
}
