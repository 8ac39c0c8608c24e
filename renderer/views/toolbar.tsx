import {
  CirclePause,
  CirclePlay,
  FolderOpen,
  Plus,
  RefreshCw,
  Settings,
  ShieldCheck,
  Trash2,
  UserPlus,
} from "lucide-react";
import { selectedTorrent } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useIsDesktop } from "./app-context.tsx";
import { useChooseTorrents } from "./file-chooser.tsx";
import { shortcut } from "./keys.ts";
import { Button, IconButton } from "./parts/buttons.tsx";
import { RecordButtons } from "./recording/record-buttons.tsx";
import { SourceField } from "./source-field.tsx";

/** Add, what can be done with the chosen torrent, and the settings. */
export function Toolbar() {
  const actions = useActions();
  const choose = useChooseTorrents();
  const isDesktop = useIsDesktop();
  const torrent = useApp((state) => selectedTorrent(state)?.id);
  const state = useApp((app) => selectedTorrent(app)?.state);
  const hasTorrents = useApp((app) => app.engine.torrents.size > 0);
  const isStopped = state === "paused" || state === "stopped-by-fault";
  /** Makes a handler for the chosen torrent. */
  const on = (act: (id: string) => unknown) => () => {
    if (torrent !== undefined) act(torrent);
  };
  return (
    <header className="toolbar">
      <Button look="primary" onClick={choose} data-testid="toolbar-add" title={shortcut("O")}>
        <Plus size={15} strokeWidth={2.25} aria-hidden="true" />
        {say.frame.add}
      </Button>
      <div className="toolbar-group">
        <IconButton
          icon={CirclePlay}
          words={say.torrents.resume}
          disabled={torrent === undefined || !isStopped}
          data-testid="toolbar-resume"
          onClick={on(actions.resume)}
        />
        <IconButton
          icon={CirclePause}
          words={say.torrents.pause}
          disabled={torrent === undefined || isStopped}
          data-testid="toolbar-pause"
          onClick={on(actions.pause)}
        />
        <IconButton
          icon={Trash2}
          words={say.torrents.remove}
          disabled={torrent === undefined}
          data-testid="toolbar-remove"
          onClick={on((id) => actions.open({ kind: "remove", torrent: id }))}
        />
      </div>
      <div className="toolbar-group">
        <IconButton
          icon={FolderOpen}
          words={isDesktop ? say.frame.openFolder : say.frame.copyFolder}
          disabled={torrent === undefined}
          data-testid="toolbar-open-folder"
          onClick={on((id) => actions.openFolder(id))}
        />
        <IconButton
          icon={ShieldCheck}
          words={say.torrents.recheck}
          disabled={torrent === undefined || state === "checking"}
          data-testid="toolbar-recheck"
          onClick={on(actions.recheck)}
        />
        <IconButton
          icon={RefreshCw}
          words={say.torrents.announce}
          disabled={torrent === undefined || isStopped}
          data-testid="toolbar-announce"
          onClick={on(actions.announce)}
        />
        <IconButton
          icon={UserPlus}
          words={say.torrents.addPeer}
          disabled={torrent === undefined || isStopped}
          data-testid="toolbar-add-peer"
          onClick={on((id) => actions.open({ kind: "add-peer", torrent: id }))}
        />
      </div>
      <RecordButtons />
      <div className="toolbar-space" />
      {hasTorrents && <SourceField testId="source-field" />}
      <IconButton
        icon={Settings}
        words={say.frame.settings}
        data-testid="toolbar-settings"
        onClick={() => actions.open({ kind: "settings" })}
      />
    </header>
  );
}
