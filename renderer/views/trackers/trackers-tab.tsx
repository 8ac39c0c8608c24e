import { useMemo } from "react";
import type { SourceView, TrackerView } from "../../../core/contract/views.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
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
  const words = say.trackers;
  return (
    <div className="scroll">
      <table className="plain-table source-table" data-testid="tracker-list">
        <thead>
          <tr>
            <th scope="col">{words.source}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.nextAsked}</th>
            <th scope="col">{words.itsSwarm}</th>
            <th scope="col" data-number title={words.gaveMeaning}>
              {words.gave}
            </th>
            <th scope="col" data-number title={words.connectedMeaning}>
              {words.connected}
            </th>
            <th scope="col" data-number title={words.payloadMeaning}>
              {words.payload}
            </th>
            <th scope="col">
              <span className="unseen">{words.acts}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className="table-group">
            <th scope="rowgroup" colSpan={COLUMNS}>
              <div className="group-line">
                {words.trackers}
                <Button
                  className="button-small"
                  onClick={() => void announce(torrent)}
                  disabled={isStopped || trackers.length === 0}
                  data-testid="trackers-announce"
                >
                  {words.askAll}
                </Button>
                <Button
                  className="button-small"
                  onClick={() => open({ kind: "tracker", torrent, url: undefined })}
                  data-testid="tracker-add"
                >
                  {words.add}
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
                {isPrivate ? words.noneAsPrivate : words.none}
              </td>
            </tr>
          )}
        </tbody>
        <tbody>
          <tr className="table-group">
            <th scope="rowgroup" colSpan={COLUMNS}>
              {words.withoutTracker}
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
