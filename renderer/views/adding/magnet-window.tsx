import { useState } from "react";
import type { FolderView, TorrentPreview } from "../../../core/contract/views.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { LabelledCheckbox } from "../parts/checkbox.tsx";
import { InfoHashLines } from "../parts/info-hash.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { AddFoot, AlreadyNote } from "./add-foot.tsx";
import { FolderField } from "./folder-field.tsx";

/** What a magnet link says. Its files are known only when a peer has given the metadata. */
export function MagnetWindow({ id, preview, waiting }: { id: number; preview: TorrentPreview; waiting: number }) {
  const { dismiss, confirm } = useActions();
  const [folder, setFolder] = useState<FolderView>(preview.folder);
  const [asksForFiles, setAsks] = useState(true);
  const [isPaused, setPaused] = useState(false);
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string>();

  async function add(): Promise<void> {
    setSending(true);
    setFault(await confirm(id, { folder: folder.path, wantedFiles: undefined, paused: isPaused, asksForFiles }));
    setSending(false);
  }

  return (
    <DialogWindow
      title={preview.name}
      description={say.adding.magnet(preview.trackers.length)}
      testId="add-dialog"
      size="medium"
      onClose={() => dismiss(id)}
      footer={
        <AddFoot
          id={id}
          waiting={waiting}
          fault={fault}
          isAdded={preview.isAdded}
          disabled={isSending || folder.path.trim() === ""}
          onAdd={() => void add()}
        />
      }
    >
      {preview.isAdded ? (
        <AlreadyNote trackers={preview.trackers.length} />
      ) : (
        <p className="note" data-tone="info">
          {say.adding.magnetMeaning}
        </p>
      )}
      <dl className="facts magnet-facts">
        <InfoHashLines infoHash={preview.infoHash} />
        <div className="facts-line">
          <dt>{say.adding.trackers}</dt>
          <dd>
            {preview.trackers.length === 0 ? (
              say.adding.noTrackers
            ) : (
              <ul className="magnet-trackers" data-testid="add-trackers">
                {preview.trackers.map((url) => (
                  <li key={url} className="ellipsis" title={url}>
                    {url}
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
      </dl>
      {!preview.isAdded && (
        <>
          <FolderField folder={folder} onChange={setFolder} />
          <div className="choices">
            <LabelledCheckbox
              label={say.adding.chooseLater}
              isChecked={asksForFiles}
              testId="add-asks-for-files"
              onChange={setAsks}
            />
            <LabelledCheckbox
              label={say.adding.startAtOnce}
              isChecked={!isPaused}
              testId="add-start"
              onChange={(starts) => setPaused(!starts)}
            />
          </div>
        </>
      )}
    </DialogWindow>
  );
}
