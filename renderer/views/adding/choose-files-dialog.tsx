import { useState } from "react";
import type { FileView, FolderView, TorrentView } from "../../../core/contract/views.ts";
import { formatBytes } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { FileChoice } from "./file-choice.tsx";
import { useFolder } from "./use-folder.ts";

/** Asks which files of a magnet link's torrent are wanted, now that its metadata is there. */
export function ChooseFilesDialog() {
  const torrent = useApp((state) => state.engine.torrents.get(state.choosing[0] ?? ""));
  const files = useApp((state) => state.engine.details.get(state.choosing[0] ?? "")?.files);
  if (torrent === undefined || files === undefined || files.length < torrent.fileCount) return null;
  return <ChooseFiles key={torrent.id} torrent={torrent} files={files} />;
}

function ChooseFiles({ torrent, files }: { torrent: TorrentView; files: readonly FileView[] }) {
  const { postponeFiles, chooseFiles } = useActions();
  // Places in the list; padding has none, so they are not the indexes in the torrent.
  const [wanted, setWanted] = useState<ReadonlySet<number>>(
    () => new Set([...files.keys()].filter((place) => files[place]?.isWanted)),
  );
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string>();
  const folder = useFolder(torrent.folder);
  const chosen = files.filter((_, place) => wanted.has(place));
  const close = () => postponeFiles(torrent.id);

  async function start(): Promise<void> {
    setSending(true);
    setFault(await chooseFiles(torrent.id, new Set(chosen.map(({ index }) => index))));
    setSending(false);
  }

  return (
    <DialogWindow
      title={torrent.name}
      description={say.adding.filesKnown(formatBytes(torrent.bytesTotal), files.length)}
      testId="choose-files-dialog"
      size="large"
      onClose={close}
      footer={
        <>
          {fault !== undefined && (
            <p className="foot-fault" role="alert">
              {fault}
            </p>
          )}
          <Button onClick={close} data-testid="choose-files-later">
            {say.adding.later}
          </Button>
          <Button
            look="primary"
            data-first
            disabled={isSending || wanted.size === 0}
            onClick={() => void start()}
            data-testid="choose-files-confirm"
          >
            {say.adding.download}
          </Button>
        </>
      }
    >
      <FileChoice files={files} wanted={wanted} onChange={setWanted} />
      <Room folder={folder} needed={chosen.reduce((sum, { length }) => sum + length, 0)} />
    </DialogWindow>
  );
}

/** Where it goes, and whether it fits there. */
function Room({ folder, needed }: { folder: FolderView; needed: number }) {
  const isTight = folder.free !== undefined && needed > folder.free;
  return (
    <p className="note" data-tone={isTight || folder.problem !== undefined ? "warning" : "info"}>
      {folder.problem ??
        (folder.free === undefined
          ? say.adding.toBeSaved(formatBytes(needed), folder.path)
          : say.adding.toBeSavedWithRoom(formatBytes(needed), folder.path, formatBytes(folder.free)))}
    </p>
  );
}
