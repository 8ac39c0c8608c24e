import { Tabs } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { formatCount } from "../format/units.ts";
import { selectedTorrent, TABS, type TabName } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { ChartsTab } from "./charts/charts-tab.tsx";
import { Explanation } from "./explanation.tsx";
import { FaultBanner } from "./fault-banner.tsx";
import { FilesTab } from "./files-tab.tsx";
import { LogTab } from "./log-tab.tsx";
import { FilesBanner } from "./metadata-notes.tsx";
import { PeersTab } from "./peers/peers-tab.tsx";
import { PiecesTab } from "./pieces/pieces-tab.tsx";
import { TrackersTab } from "./trackers/trackers-tab.tsx";

/** The chosen torrent: what stopped it, if something did, and its tabs. */
export function Details() {
  const { showTab } = useActions();
  const tab = useApp((state) => state.tab);
  const id = useApp((state) => selectedTorrent(state)?.id);
  if (id === undefined) return <p className="nothing">{say.details.choose}</p>;
  return (
    <Tabs.Root className="details" value={tab} onValueChange={(value) => showTab(value as TabName)} key={id}>
      <FaultBanner />
      <FilesBanner />
      <div className="tab-line">
        <Tabs.List className="tab-list" aria-label={say.details.details}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} className="tab" data-testid={`tab-${name}`}>
              {say.details.tabs[name]}
              <TabCount tab={name} />
            </Tabs.Tab>
          ))}
          <Tabs.Indicator className="tab-indicator" />
        </Tabs.List>
        <Torrent />
      </div>
      <Explanation />
      <Panel name="peers">
        <PeersTab />
      </Panel>
      <Panel name="pieces">
        <PiecesTab />
      </Panel>
      <Panel name="files">
        <FilesTab />
      </Panel>
      <Panel name="trackers">
        <TrackersTab />
      </Panel>
      <Panel name="log">
        <LogTab />
      </Panel>
      <Panel name="charts">
        <ChartsTab />
      </Panel>
    </Tabs.Root>
  );
}

function Panel({ name, children }: { name: TabName; children: ReactNode }) {
  return (
    <Tabs.Panel value={name} className="tab-panel" data-testid={`panel-${name}`}>
      {children}
    </Tabs.Panel>
  );
}

/** How many there are, beside the tab's title. */
function TabCount({ tab }: { tab: TabName }) {
  const count = useApp((state) => {
    const torrent = selectedTorrent(state);
    if (torrent === undefined) return undefined;
    if (tab === "peers") return torrent.peersConnected;
    if (torrent.metadata !== undefined) return undefined;
    if (tab === "pieces") return torrent.pieceCount;
    return tab === "files" ? torrent.fileCount : undefined;
  });
  return count === undefined ? null : <span className="tab-count">{formatCount(count)}</span>;
}

/** The torrent's name once more: below the list, its row may be out of sight. */
function Torrent() {
  const name = useApp((state) => selectedTorrent(state)?.name);
  const isPrivate = useApp((state) => selectedTorrent(state)?.isPrivate);
  const isSuperSeeding = useApp((state) => selectedTorrent(state)?.isSuperSeeding);
  return (
    <div className="tab-subject">
      {isPrivate && <span className="chip">{say.details.private}</span>}
      {isSuperSeeding && <span className="chip">{say.details.superSeeding}</span>}
      <span className="ellipsis" title={name}>
        {name}
      </span>
    </div>
  );
}
