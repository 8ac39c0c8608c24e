import { CircleHelp } from "lucide-react";
import { explainTorrent } from "../format/explanation.ts";
import { selectedDetails, selectedTorrent } from "../store/app-state.ts";
import { useApp } from "./app-context.tsx";

/** Why the chosen torrent is not moving, when it is not. */
export function Explanation() {
  const words = useApp((state) => {
    const torrent = selectedTorrent(state);
    const { peers, pieces } = selectedDetails(state);
    return torrent === undefined || peers === undefined
      ? undefined
      : explainTorrent(torrent, peers.values(), torrent.metadata === undefined ? pieces : undefined);
  });
  if (words === undefined) return null;
  return (
    <p className="explanation" role="status" data-testid="explanation">
      <CircleHelp size={14} aria-hidden="true" />
      <span>{words}</span>
    </p>
  );
}
