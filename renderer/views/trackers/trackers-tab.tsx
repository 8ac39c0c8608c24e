import { useMemo } from "react";
import type { SourceView, TrackerView } from "../../../core/contract/views.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { useActions, useApp, useNow } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { SourceRow } from "./source-row.tsx";
import { TrackerRow } from "./tracker-row.tsx";

const NO_TRACKERS: readonly TrackerView[] = [];
const NO_SOURCES: readonly SourceView[] = [];
const COLUMNS = 8;

/** Where peers come from: the trackers by tier, then every other way, and what each was good for. */
export function TrackersTab() {
  const { announce, open } = useActions();
  const torrent = useApp((state) => state.selected);
  const isPrivate = useApp((state) => selectedTorrent(state)?.isPrivate === true);
  const isStopped = useApp((state) => {
    const kind = selectedTorrent(state)?.state;
    return kind === "paused" || kind === "stopped-by-fault";
  });
  const trackers = useApp((state) => selectedDetails(state).trackers) ?? NO_TRACKERS;
  const sources = useApp((state) => selectedDetails(state).sources) ?? NO_SOURCES;
  const now = useNow();
  const byTracker = useMemo(() => {
    const map = new Map<string, SourceView>();
    for (const view of sources) if (view.source.kind === "tracker") map.set(view.source.tracker, view);
    return map;
  }, [sources]);
  if (torrent === undefined) return null;
  return (
    <div className="scroll">
      <table className="plain-table source-table" data-testid="tracker-list">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col">Next asked</th>
            <th scope="col">Its swarm</th>
            <th scope="col" data-number title="Different peers that it named in this run">
              Gave
            </th>
            <th scope="col" data-number title="Connected now; below, all connections in this run">
              Connected
            </th>
            <th scope="col" data-number title="What its peers gave us, and what we gave them, in this run">
              Payload
            </th>
            <th scope="col">
              <span className="unseen">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className="table-group">
            <th scope="rowgroup" colSpan={COLUMNS}>
              <div className="group-line">
                Trackers
                <Button
                  className="button-small"
                  onClick={() => void announce(torrent)}
                  disabled={isStopped || trackers.length === 0}
                  data-testid="trackers-announce"
                >
                  Ask all now
                </Button>
                <Button
                  className="button-small"
                  onClick={() => open({ kind: "tracker", torrent, url: undefined })}
                  data-testid="tracker-add"
                >
                  Add…
                </Button>
              </div>
            </th>
          </tr>
          {trackers.map((tracker) => (
            <TrackerRow
              key={tracker.url}
              torrent={torrent}
              tracker={tracker}
              sum={byTracker.get(tracker.url)}
              isStopped={isStopped}
              now={now}
            />
          ))}
          {trackers.length === 0 && (
            <tr>
              <td className="quiet" colSpan={COLUMNS}>
                {isPrivate
                  ? "This private torrent has no tracker: nobody may tell it of peers."
                  : "This torrent has no tracker. Its peers are found in the ways below."}
              </td>
            </tr>
          )}
        </tbody>
        <tbody>
          <tr className="table-group">
            <th scope="rowgroup" colSpan={COLUMNS}>
              Without a tracker
            </th>
          </tr>
          {sources.map((view) =>
            view.source.kind === "tracker" ? null : (
              <SourceRow
                key={view.source.kind === "web-seed" ? view.source.url : view.source.kind}
                view={view}
                now={now}
              />
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
