import { ListChecks } from "lucide-react";
import { formatBytes } from "../format/units.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";

/** Why there is nothing to see yet of a magnet link's torrent. */
export function MetadataMissing({ of }: { of: "pieces" | "files" }) {
  const metadata = useApp((state) => selectedTorrent(state)?.metadata);
  const isFetching = useApp((state) => selectedTorrent(state)?.state === "fetching-metadata");
  if (metadata === undefined) return <p className="nothing">…</p>;
  const { received, size } = metadata;
  return (
    <div className="nothing" data-testid="metadata-missing">
      <p>{of === "files" ? say.details.filesUnknown : say.details.piecesUnknown}</p>
      <p className="quiet">
        {!isFetching
          ? say.details.resumeForMetadata
          : size === 0
            ? say.details.sizeUnknown
            : say.details.metadataCame(formatBytes(received), formatBytes(size))}
      </p>
    </div>
  );
}

/** The torrent waits for the user: its files are known now. */
export function FilesBanner() {
  const { askForFiles } = useActions();
  const torrent = useApp((state) => selectedTorrent(state)?.id);
  const isAsking = useApp((state) => selectedTorrent(state)?.asksForFiles === true);
  if (!isAsking || torrent === undefined) return null;
  return (
    <div className="banner banner-ask" data-tone="info" role="status" data-testid="files-banner">
      <ListChecks size={18} aria-hidden="true" />
      <p className="banner-words">
        <strong>{say.details.filesKnown}</strong> {say.details.pausedForFiles}
      </p>
      <Button look="primary" onClick={() => askForFiles(torrent)} data-testid="files-banner-choose">
        {say.details.chooseFiles}
      </Button>
    </div>
  );
}
