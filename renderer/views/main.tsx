import { CSPProvider } from "@base-ui/react/csp-provider";
import { type CSSProperties, useEffect, useRef } from "react";
import { say } from "../words/say.ts";
import { AddPeerDialog } from "./add-peer-dialog.tsx";
import { AddDialog } from "./adding/add-dialog.tsx";
import { ChooseFilesDialog } from "./adding/choose-files-dialog.tsx";
import { useActions, useApp } from "./app-context.tsx";
import { Banners } from "./banners.tsx";
import { ChartsDialog } from "./charts/charts-dialog.tsx";
import { Details } from "./details.tsx";
import { DhtDialog } from "./dht-dialog.tsx";
import { DropTarget } from "./drop-target.tsx";
import { EmptyState } from "./empty-state.tsx";
import { FileChooserProvider } from "./file-chooser.tsx";
import { GRID_HEAD_HEIGHT } from "./parts/grid.tsx";
import { HintProvider } from "./parts/hint.tsx";
import { LimitDialog } from "./peers/limit-dialog.tsx";
import { PastBar } from "./recording/past-bar.tsx";
import { PastHeader } from "./recording/past-header.tsx";
import { RecordedBanner } from "./recording/recorded-banner.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";
import { SettingsDialog } from "./settings/settings-dialog.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { Splitter } from "./splitter.tsx";
import { StatusBar } from "./status-bar.tsx";
import { Toasts } from "./toasts.tsx";
import { Toolbar } from "./toolbar.tsx";
import { TORRENT_ROW_HEIGHT, TorrentList } from "./torrent-list.tsx";
import { TorrentSettingsDialog } from "./torrent-settings-dialog.tsx";
import { TrackerDialog } from "./trackers/tracker-dialog.tsx";

/** The window: toolbar, torrents above, the chosen one's details below, status bar; dialogs over it. */
export function Main() {
  const theme = useApp((state) => state.preferences.theme);
  const isPast = useApp((state) => state.past !== undefined);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <CSPProvider disableStyleElements>
      <HintProvider>
        <FileChooserProvider>
          <DropTarget>
            <div className="window" data-past={isPast}>
              <h1 className="unseen">{say.frame.name}</h1>
              {isPast ? <PastHeader /> : <Toolbar />}
              <Banners />
              <RecordedBanner />
              <Panes />
              <PastBar />
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
  const count = useApp((state) => state.engine.torrents.size);
  const hasSession = useApp((state) => state.engine.session !== undefined);
  const share = useApp((state) => state.preferences.listShare);
  const { prefer } = useActions();
  if (!hasSession) return <main className="panes" aria-busy="true" />;
  if (count === 0) {
    return (
      <main className="panes">
        <EmptyState />
      </main>
    );
  }
  return (
    <main className="panes" ref={panes}>
      <div className="pane" style={share === undefined ? fittingHeight(count) : { flexGrow: share }}>
        <TorrentList />
      </div>
      <Splitter container={panes} share={share} onShare={(listShare) => prefer({ listShare })} />
      <div className="pane" style={{ flexGrow: share === undefined ? 1 : 1 - share }}>
        <Details />
      </div>
    </main>
  );
}

/** Rows that the list keeps room for, and the share of the height that it takes at most unless told otherwise. */
const LEAST_ROWS = 3;
const MOST_HEIGHT = "38%";

/** A short list leaves the height to the details. */
function fittingHeight(count: number): CSSProperties {
  const height = (rows: number) => `${GRID_HEAD_HEIGHT + rows * TORRENT_ROW_HEIGHT + LIST_MARGIN}px`;
  return { flex: "none", height: `min(${height(Math.max(LEAST_ROWS, count))}, ${MOST_HEIGHT})` };
}
const LIST_MARGIN = 8;

function OpenDialogs() {
  const dialog = useApp((state) => state.dialog);
  const isAdding = useApp((state) => state.adding.length > 0);
  switch (dialog?.kind) {
    case "remove":
      return <RemoveDialog torrent={dialog.torrent} />;
    case "limit-peers":
      return <LimitDialog torrent={dialog.torrent} peers={dialog.peers} />;
    case "add-peer":
      return <AddPeerDialog torrent={dialog.torrent} />;
    case "tracker":
      return <TrackerDialog torrent={dialog.torrent} url={dialog.url} />;
    case "charts":
      return <ChartsDialog />;
    case "dht":
      return <DhtDialog />;
    case "torrent-settings":
      return <TorrentSettingsDialog torrent={dialog.torrent} />;
    case "settings":
      return <SettingsDialog />;
    case undefined:
      return isAdding ? null : <ChooseFilesDialog />;
  }
}
