import { useState } from "react";
import type { FolderView, TorrentPreview } from "../../../core/contract/views.ts";
import { countOf } from "../../format/units.ts";
import { useActions } from "../app-context.tsx";
import { LabelledCheckbox } from "../parts/checkbox.tsx";
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
      description={`Magnet link · ${countOf(preview.trackers.length, "tracker")}`}
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
          A magnet link names a torrent and nothing more: its files and size come from the first peers that are found.
        </p>
      )}
      <dl className="facts magnet-facts">
        <div className="facts-line">
          <dt>Info hash</dt>
          <dd className="code" data-testid="add-hash">
            {preview.id}
          </dd>
        </div>
        <div className="facts-line">
          <dt>Trackers</dt>
          <dd>
            {preview.trackers.length === 0 ? (
              "None: its peers are looked for in the DHT and the local network."
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
              label="Choose files when they are known"
              isChecked={asksForFiles}
              testId="add-asks-for-files"
              onChange={setAsks}
            />
            <LabelledCheckbox
              label="Start at once"
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
