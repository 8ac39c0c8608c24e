import { ContextMenu } from "@base-ui/react/context-menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { selectedTorrent } from "../store/app-state.ts";
import { useActions, useApp, useIsDesktop } from "./app-context.tsx";

/** What can be done with the chosen torrent, at the pointer. */
export function TorrentMenu() {
  const actions = useActions();
  const isDesktop = useIsDesktop();
  const torrent = useApp((state) => selectedTorrent(state)?.id);
  const state = useApp((app) => selectedTorrent(app)?.state);
  const isSuperSeeding = useApp((app) => selectedTorrent(app)?.isSuperSeeding === true);
  const isStopped = state === "paused" || state === "stopped-by-fault";
  const hasMetadata = useApp((app) => selectedTorrent(app)?.metadata === undefined);
  const asksForFiles = useApp((app) => selectedTorrent(app)?.asksForFiles === true);
  const on = (act: (id: string) => unknown) => () => {
    if (torrent !== undefined) act(torrent);
  };
  return (
    <ContextMenu.Portal>
      <ContextMenu.Positioner className="menu-positioner" sideOffset={2}>
        <ContextMenu.Popup className="menu" data-testid="torrent-menu">
          {isStopped ? (
            <Item onClick={on(actions.resume)} keys="Space">
              Resume
            </Item>
          ) : (
            <Item onClick={on(actions.pause)} keys="Space">
              Pause
            </Item>
          )}
          <Item onClick={on((id) => actions.openFolder(id))} keys="Enter">
            {isDesktop ? "Open folder" : "Copy the folder's path"}
          </Item>
          {asksForFiles && <Item onClick={on(actions.askForFiles)}>Choose files…</Item>}
          <ContextMenu.Separator className="menu-line" />
          <Item onClick={on((id) => actions.copy(id, "Info hash"))}>Copy info hash</Item>
          <Item onClick={on(actions.copyMagnet)} testId="menu-copy-magnet">
            Copy magnet link
          </Item>
          <Item onClick={on(actions.saveTorrentFile)} disabled={!hasMetadata} testId="menu-save-torrent">
            Save .torrent…
          </Item>
          <ContextMenu.Separator className="menu-line" />
          <Item onClick={on(actions.announce)} disabled={isStopped}>
            Ask the trackers now
          </Item>
          <Item onClick={on((id) => actions.open({ kind: "add-peer", torrent: id }))} disabled={isStopped}>
            Add a peer…
          </Item>
          <Item onClick={on(actions.recheck)} disabled={state === "checking"}>
            Check all data again
          </Item>
          <ContextMenu.CheckboxItem
            className="menu-item"
            checked={isSuperSeeding}
            closeOnClick
            onCheckedChange={(checked) => on((id) => actions.superSeed(id, checked))()}
            title="When complete, show each peer one piece at a time, so that little is sent twice"
            data-testid="menu-super-seed"
          >
            Super-seed
            <ContextMenu.CheckboxItemIndicator>
              <Check size={14} aria-hidden />
            </ContextMenu.CheckboxItemIndicator>
          </ContextMenu.CheckboxItem>
          <ContextMenu.Separator className="menu-line" />
          <Item onClick={on((id) => actions.open({ kind: "remove", torrent: id }))} keys="Delete" isDanger>
            Remove…
          </Item>
        </ContextMenu.Popup>
      </ContextMenu.Positioner>
    </ContextMenu.Portal>
  );
}

function Item({
  onClick,
  keys,
  disabled = false,
  isDanger = false,
  testId,
  children,
}: {
  onClick: () => void;
  keys?: string;
  disabled?: boolean;
  isDanger?: boolean;
  testId?: string;
  children: ReactNode;
}) {
  return (
    <ContextMenu.Item
      className="menu-item"
      onClick={onClick}
      disabled={disabled}
      data-danger={isDanger}
      data-testid={testId}
    >
      {children}
      {keys !== undefined && <kbd>{keys}</kbd>}
    </ContextMenu.Item>
  );
}
