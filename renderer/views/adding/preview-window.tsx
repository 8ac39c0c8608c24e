import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { FolderView, TorrentPreview } from "../../../core/contract/views.ts";
import { formatBytes } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { LabelledCheckbox } from "../parts/checkbox.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { AddFoot, AlreadyNote } from "./add-foot.tsx";
import { FileChoice } from "./file-choice.tsx";
import { FolderField } from "./folder-field.tsx";

/** What a .torrent says, and what to take of it and where to. */
export function PreviewWindow({ id, preview, waiting }: { id: number; preview: TorrentPreview; waiting: number }) {
  const { dismiss, confirm } = useActions();
  const [folder, setFolder] = useState<FolderView>(preview.folder);
  const [wanted, setWanted] = useState<ReadonlySet<number>>(() => new Set(preview.files.keys()));
  const [isPaused, setPaused] = useState(false);
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string>();
  const isAll = wanted.size === preview.files.length;
  const bytesWanted = isAll ? preview.bytesTotal : sumOf(preview, wanted);
  const close = () => dismiss(id);

  async function add(): Promise<void> {
    setSending(true);
    const wantedFiles = isAll ? undefined : [...wanted].sort((a, b) => a - b);
    const refusal = await confirm(id, { folder: folder.path, wantedFiles, paused: isPaused });
    setFault(refusal);
    setSending(false);
  }

  return (
    <DialogWindow
      title={preview.name}
      description={
        <>
          {say.adding.summary(
            formatBytes(preview.bytesTotal),
            preview.files.length,
            preview.pieceCount,
            formatBytes(preview.pieceLength),
            preview.trackers.length,
          )}
          {preview.infoHash.kind !== "v1" && ` · ${say.adding.versions[preview.infoHash.kind]}`}
          {preview.isPrivate && ` · ${say.adding.private}`}
          {preview.comment !== undefined && <span className="comment">{preview.comment}</span>}
        </>
      }
      testId="add-dialog"
      size="large"
      onClose={close}
      footer={
        <AddFoot
          id={id}
          waiting={waiting}
          fault={fault}
          isAdded={preview.isAdded}
          disabled={isSending || (wanted.size === 0 && !preview.isAdded) || folder.path.trim() === ""}
          onAdd={() => void add()}
        />
      }
    >
      {preview.isAdded && <AlreadyNote trackers={preview.trackers.length} />}
      {preview.warnings.map((warning) => (
        <p key={warning} className="note" data-tone="warning" data-testid="add-warning">
          <TriangleAlert size={14} aria-hidden="true" /> {warning}
        </p>
      ))}
      {!preview.isAdded && (
        <>
          <FileChoice files={preview.files} wanted={wanted} onChange={setWanted} />
          <FolderField folder={folder} onChange={setFolder} needed={bytesWanted} />
          <LabelledCheckbox
            label={say.adding.startAtOnce}
            isChecked={!isPaused}
            testId="add-start"
            onChange={(starts) => setPaused(!starts)}
          />
        </>
      )}
    </DialogWindow>
  );
}

function sumOf({ files }: TorrentPreview, wanted: ReadonlySet<number>): number {
  let sum = 0;
  for (const index of wanted) sum += files[index]?.length ?? 0;
  return sum;
}
