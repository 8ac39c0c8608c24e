import { Pencil, RefreshCw, Trash2 } from "lucide-react";
import type { SourceView, TrackerView } from "../../../core/contract/views.ts";
import { formatDistance, NOTHING } from "../../format/units.ts";
import { nextAnnounceWords, trackerStateWords } from "../../format/words.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import { YieldCells } from "./yield-cells.tsx";

/** One tracker: what it said, when it is asked next, what it was good for, and what can be done with it. */
export function TrackerRow({
  torrent,
  tracker,
  sum,
  isStopped,
  now,
}: {
  torrent: string;
  tracker: TrackerView;
  sum: SourceView | undefined;
  isStopped: boolean;
  now: number;
}) {
  const { announce, open, editTrackers } = useActions();
  const { url, tier, state, message } = tracker;
  return (
    <tr data-testid="tracker-row" data-url={url} data-state={state}>
      <td className="tracker-url">
        <span className="two-lines">
          <span className="ellipsis" title={url}>
            {url}
          </span>
          <span className="tracker-message" data-tone={state === "failed" ? "error" : "quiet"}>
            {message ?? say.trackers.tier(tier + 1)}
          </span>
        </span>
      </td>
      <td>
        <span className="two-lines">
          <span className="tracker-state" data-state={state}>
            {trackerStateWords(state)}
          </span>
          <span className="quiet">{answerWords(tracker, now)}</span>
        </span>
      </td>
      <td data-testid="tracker-next">{nextAnnounceWords(tracker, now)}</td>
      <td>
        <Swarm tracker={tracker} />
      </td>
      <YieldCells sum={sum} />
      <td className="row-acts">
        <IconButton
          icon={RefreshCw}
          words={say.trackers.ask}
          disabled={isStopped || state === "announcing" || state === "unsupported"}
          data-testid="tracker-announce"
          onClick={() => void announce(torrent, url)}
        />
        <IconButton
          icon={Pencil}
          words={say.trackers.change}
          data-testid="tracker-edit"
          onClick={() => open({ kind: "tracker", torrent, url })}
        />
        <IconButton
          icon={Trash2}
          words={say.trackers.remove}
          data-testid="tracker-remove"
          onClick={() => void editTrackers(torrent, { kind: "remove", url })}
        />
      </td>
    </tr>
  );
}

function answerWords({ failures, lastAnswerAt, peersGiven }: TrackerView, now: number): string {
  if (failures > 1) return say.trackers.failures(failures);
  if (lastAnswerAt === undefined) return "";
  return say.trackers.answered(peersGiven, formatDistance(lastAnswerAt, now));
}

/** Who is in the swarm, as the tracker says. */
function Swarm({ tracker }: { tracker: TrackerView }) {
  const { seeds, leechers, downloads } = tracker;
  if (seeds === undefined && leechers === undefined) return NOTHING;
  return (
    <span className="two-lines" title={downloads === undefined ? undefined : say.trackers.downloads(downloads)}>
      <span>{seeds === undefined ? NOTHING : say.trackers.seeds(seeds)}</span>
      <span className="quiet">{leechers === undefined ? NOTHING : say.trackers.leechers(leechers)}</span>
    </span>
  );
}
