import { useApp } from "../app-context.tsx";
import { Charts } from "./charts.tsx";

/** How the chosen torrent was over time. */
export function ChartsTab() {
  const torrent = useApp((state) => state.selected);
  return torrent === undefined ? null : <Charts key={torrent} torrent={torrent} />;
}
