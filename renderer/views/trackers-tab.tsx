import type { TrackerView } from "../../core/contract/views.ts";
import { formatCount, formatDistance, NOTHING } from "../format/units.ts";
import { nextAnnounceWords, trackerStateWords } from "../format/words.ts";
import { selectedDetails } from "../store/app-state.ts";
import { useActions, useApp, useNow } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";

const NONE: readonly TrackerView[] = [];

/** The trackers by tier: what they said, and when they are asked next. */
export function TrackersTab() {
  const { announce } = useActions();
  const torrent = useApp((state) => state.selected);
  const trackers = useApp((state) => selectedDetails(state).trackers);
  const now = useNow();
  if (trackers?.length === 0) {
    return (
      <p className="nothing">This torrent names no tracker. Peers come by their own calls, or are added by hand.</p>
    );
  }
  return (
    <div className="scroll">
      <table className="plain-table tracker-table" data-testid="tracker-list">
        <thead>
          <tr>
            <th scope="col" data-number>
              Tier
            </th>
            <th scope="col">Tracker</th>
            <th scope="col">State</th>
            <th scope="col">Next asked</th>
            <th scope="col" data-number>
              Seeds
            </th>
            <th scope="col" data-number>
              Leechers
            </th>
            <th scope="col" data-number>
              Downloads
            </th>
            <th scope="col" data-number>
              Peers
            </th>
          </tr>
        </thead>
        <tbody>
          {(trackers ?? NONE).map((tracker) => (
            <TrackerRow key={`${tracker.tier} ${tracker.url}`} tracker={tracker} now={now} />
          ))}
        </tbody>
      </table>
      {torrent !== undefined && trackers !== undefined && (
        <div className="table-foot">
          <Button onClick={() => void announce(torrent)} data-testid="trackers-announce">
            Ask them now
          </Button>
        </div>
      )}
    </div>
  );
}

function TrackerRow({ tracker, now }: { tracker: TrackerView; now: number }) {
  const { url, tier, state, message, lastAnswerAt, failures } = tracker;
  const told = (count: number | undefined) => (count === undefined ? NOTHING : formatCount(count));
  return (
    <tr data-testid="tracker-row" data-url={url} data-state={state}>
      <td data-number>{tier + 1}</td>
      <td className="tracker-url">
        <span className="two-lines">
          <span className="ellipsis" title={url}>
            {url}
          </span>
          {message !== undefined && (
            <span className="tracker-message" data-tone={state === "failed" ? "error" : "quiet"}>
              {message}
            </span>
          )}
        </span>
      </td>
      <td>
        <span className="two-lines">
          <span className="tracker-state" data-state={state}>
            {trackerStateWords(state)}
          </span>
          <span className="quiet">
            {failures > 1
              ? `${formatCount(failures)} failures in a row`
              : lastAnswerAt === undefined
                ? ""
                : `answered ${formatDistance(lastAnswerAt, now)}`}
          </span>
        </span>
      </td>
      <td data-testid="tracker-next">{nextAnnounceWords(tracker, now)}</td>
      <td data-number>{told(tracker.seeds)}</td>
      <td data-number>{told(tracker.leechers)}</td>
      <td data-number>{told(tracker.downloads)}</td>
      <td data-number>{formatCount(tracker.peersGiven)}</td>
    </tr>
  );
}
