import { CSPProvider } from "@base-ui/react/csp-provider";
import { useEffect, useRef } from "react";
import { AddPeerDialog } from "./add-peer-dialog.tsx";
import { AddDialog } from "./adding/add-dialog.tsx";
import { useActions, useApp } from "./app-context.tsx";
import { Banners } from "./banners.tsx";
import { Details } from "./details.tsx";
import { DropTarget } from "./drop-target.tsx";
import { EmptyState } from "./empty-state.tsx";
import { FileChooserProvider } from "./file-chooser.tsx";
import { HintProvider } from "./parts/hint.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { Splitter } from "./splitter.tsx";
import { StatusBar } from "./status-bar.tsx";
import { Toasts } from "./toasts.tsx";
import { Toolbar } from "./toolbar.tsx";
import { TorrentList } from "./torrent-list.tsx";

/** The window: toolbar, torrents above, the chosen one's details below, status bar; dialogs over it. */
export function Main() {
  const theme = useApp((state) => state.preferences.theme);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <CSPProvider disableStyleElements>
      <HintProvider>
        <FileChooserProvider>
          <DropTarget>
            <div className="window">
              <Toolbar />
              <Banners />
              <Panes />
              <StatusBar />
            </div>
          </DropTarget>
          <Shortcuts />
        </FileChooserProvider>
        <AddDialog />
        <OpenDialogs />
        <Toasts />
      </HintProvider>
    </CSPProvider>
  );
}

function Panes() {
  const panes = useRef<HTMLElement>(null);
  const isEmpty = useApp((state) => state.engine.torrents.size === 0);
  const hasSession = useApp((state) => state.engine.session !== undefined);
  const share = useApp((state) => state.preferences.listShare);
  const { prefer } = useActions();
  if (!hasSession) return <main className="panes" aria-busy="true" />;
  if (isEmpty) {
    return (
      <main className="panes">
        <EmptyState />
      </main>
    );
  }
  return (
    <main className="panes" ref={panes}>
      <div className="pane" style={{ flexGrow: share }}>
        <TorrentList />
      </div>
      <Splitter container={panes} share={share} onShare={(listShare) => prefer({ listShare })} />
      <div className="pane" style={{ flexGrow: 1 - share }}>
        <Details />
      </div>
    </main>
  );
}

function OpenDialogs() {
  const dialog = useApp((state) => state.dialog);
  switch (dialog?.kind) {
    case "remove":
      return <RemoveDialog torrent={dialog.torrent} />;
    case "add-peer":
      return <AddPeerDialog torrent={dialog.torrent} />;
    case "settings":
      return <SettingsDialog />;
    case undefined:
      return null;
  }
}
