import { ContextMenu } from "@base-ui/react/context-menu";
import { CircleArrowDown, CircleArrowUp, CirclePause, Magnet, OctagonAlert, ScanSearch } from "lucide-react";
import { useMemo } from "react";
import { useShallow } from "zustand/react/shallow";
import type { TorrentState } from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { progressOf } from "../format/progress.ts";
import { formatBytes, formatCount, formatDuration, formatRate, formatRatio, NOTHING } from "../format/units.ts";
import { torrentStateWords } from "../format/words.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { TORRENT_COLUMNS, type TorrentColumn, torrentOrder } from "../store/sorting.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useGetState } from "./app-context.tsx";
import { ArrangedGrid, Cell, cellsInOrder, type RowAttributes, type ShapedColumn } from "./parts/grid.tsx";
import { ProgressBar } from "./parts/progress-bar.tsx";
import { useTableSort } from "./parts/use-table-sort.ts";
import { RecordingDot } from "./recording/record-buttons.tsx";
import { TorrentMenu } from "./torrent-menu.tsx";

const columns = (words = say.torrents): readonly ShapedColumn<TorrentColumn>[] => [
  { id: "name", title: words.name, sort: "name", width: 176, grows: 3 },
  { id: "state", title: words.state, sort: "state", width: 134 },
  { id: "progress", title: words.progress, sort: "progress", width: 100, grows: 1 },
  { id: "size", title: words.size, sort: "size", width: 72, isNumber: true, yields: 1 },
  { id: "down", title: words.down, sort: "down", width: 82, isNumber: true },
  { id: "up", title: words.up, sort: "up", width: 82, isNumber: true },
  { id: "eta", title: words.timeLeft, sort: "eta", width: 80, isNumber: true, yields: 2 },
  { id: "peers", title: words.peers, sort: "peers", width: 76, isNumber: true },
  { id: "seeds", title: words.seeds, sort: "seeds", width: 60, isNumber: true, yields: 3 },
  { id: "ratio", title: words.ratio, sort: "ratio", width: 50, isNumber: true, yields: 4 },
];

/** CSS pixels. */
export const TORRENT_ROW_HEIGHT = 36;

/** All torrents, one row each. */
export function TorrentList() {
  const { select, open, pause, resume, openFolder } = useActions();
  const getState = useGetState();
  const [sort, onSort] = useTableSort("torrents", TORRENT_COLUMNS);
  const order = useApp(useShallow((state) => torrentOrder(state.engine.torrents.values(), sort)));
  const selected = useApp((state) => state.selected);
  const shapes = useMemo(() => columns(), []);

  function toggle(id: TorrentId): void {
    const state = selectedTorrent(getState())?.state;
    if (state === "paused" || state === "stopped-by-fault") void resume(id);
    else void pause(id);
  }

  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="fill">
        <ArrangedGrid
          table="torrents"
          label={say.torrents.list}
          testId="torrent-list"
          className="torrents"
          columns={shapes}
          rows={order}
          rowHeight={TORRENT_ROW_HEIGHT}
          selected={selected}
          sort={sort}
          onSort={onSort}
          onSelect={select}
          onOpen={(id) => void openFolder(id)}
          onToggle={toggle}
          onDelete={(torrent) => open({ kind: "remove", torrent })}
          renderRow={renderTorrent}
        />
      </ContextMenu.Trigger>
      <TorrentMenu />
    </ContextMenu.Root>
  );
}

function renderTorrent(id: TorrentId, attributes: RowAttributes, shown: readonly ShapedColumn<TorrentColumn>[]) {
  return <TorrentRow id={id} attributes={attributes} shown={shown} />;
}

const STATE_ICONS = {
  "fetching-metadata": Magnet,
  checking: ScanSearch,
  downloading: CircleArrowDown,
  seeding: CircleArrowUp,
  paused: CirclePause,
  "stopped-by-fault": OctagonAlert,
} as const satisfies Record<TorrentState, unknown>;

function TorrentRow({
  id,
  attributes,
  shown,
}: {
  id: TorrentId;
  attributes: RowAttributes;
  shown: readonly ShapedColumn<TorrentColumn>[];
}) {
  const torrent = useApp((state) => state.engine.torrents.get(id));
  if (torrent === undefined) return null;
  const progress = progressOf(torrent);
  const Icon = STATE_ICONS[torrent.state];
  return (
    <div {...attributes} data-testid="torrent-row" data-id={id} data-state={torrent.state}>
      {cellsInOrder(shown, {
        name: (
          <Cell column="name" title={torrent.name}>
            <Icon size={16} strokeWidth={1.75} className="state-icon" data-tone={torrent.state} aria-hidden="true" />
            <span className="ellipsis">{torrent.name}</span>
            {torrent.recording !== undefined && <RecordingDot recording={torrent.recording} />}
          </Cell>
        ),
        state: (
          <Cell column="state" title={torrent.fault?.cause}>
            <span className="ellipsis state-words" data-tone={torrent.state}>
              {torrentStateWords(torrent)}
            </span>
          </Cell>
        ),
        progress: (
          <Cell column="progress">
            <ProgressBar
              part={progress.part}
              whole={progress.whole}
              tone={torrent.state}
              label={say.torrents[progress.of]}
            />
          </Cell>
        ),
        size: (
          <Cell column="size" isNumber>
            {torrent.metadata === undefined ? formatBytes(torrent.bytesWanted) : NOTHING}
          </Cell>
        ),
        down: (
          <Cell column="down" isNumber>
            {formatRate(torrent.downRate)}
          </Cell>
        ),
        up: (
          <Cell column="up" isNumber>
            {formatRate(torrent.upRate)}
          </Cell>
        ),
        eta: (
          <Cell column="eta" isNumber>
            {torrent.eta === undefined || torrent.state !== "downloading" ? NOTHING : formatDuration(torrent.eta)}
          </Cell>
        ),
        peers: (
          <Cell column="peers" isNumber>
            <Swarm connected={torrent.peersConnected} told={torrent.swarmLeechers} words={say.torrents.leechersTold} />
          </Cell>
        ),
        seeds: (
          <Cell column="seeds" isNumber>
            <Swarm connected={torrent.seedsConnected} told={torrent.swarmSeeds} words={say.torrents.seedsTold} />
          </Cell>
        ),
        ratio: (
          <Cell column="ratio" isNumber>
            {formatRatio(torrent.uploaded, torrent.downloaded)}
          </Cell>
        ),
      })}
    </div>
  );
}

/** Connected ones, and in brackets those of the whole swarm as the trackers say. */
function Swarm({
  connected,
  told,
  words,
}: {
  connected: number;
  told: number | undefined;
  words: (connected: number, told: number) => string;
}) {
  if (told === undefined) return formatCount(connected);
  return (
    <span title={words(connected, told)}>
      {formatCount(connected)} <span className="quiet">({formatCount(told)})</span>
    </span>
  );
}
