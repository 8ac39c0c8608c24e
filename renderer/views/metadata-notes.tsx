import { ListChecks } from "lucide-react";
import { formatBytes } from "../format/units.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";

/** Why there is nothing to see yet of a magnet link's torrent. */
export function MetadataMissing({ what }: { what: "pieces" | "files" }) {
  const metadata = useApp((state) => selectedTorrent(state)?.metadata);
  const isFetching = useApp((state) => selectedTorrent(state)?.state === "fetching-metadata");
  if (metadata === undefined) return <p className="nothing">…</p>;
  const { received, size } = metadata;
  return (
    <div className="nothing" data-testid="metadata-missing">
      <p>Its {what} are not known yet: a magnet link names a torrent and nothing more.</p>
      <p className="quiet">
        {!isFetching
          ? "Resume it to have its metadata fetched from peers."
          : size === 0
            ? "Peers will tell; none has said how large the metadata is."
            : `Peers tell: ${formatBytes(received)} of ${formatBytes(size)} of its metadata came so far.`}
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
        <strong>Its files are known now.</strong> It is paused until you choose which of them to download.
      </p>
      <Button look="primary" onClick={() => askForFiles(torrent)} data-testid="files-banner-choose">
        Choose files…
      </Button>
    </div>
  );
}
