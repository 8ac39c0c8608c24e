import { ContextMenu } from "@base-ui/react/context-menu";
import { Check } from "lucide-react";
import { hashTexts } from "../format/info-hash.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useIsDesktop } from "./app-context.tsx";
import { MenuItem, MenuLine } from "./parts/menu.tsx";

/** What can be done with the chosen torrent, at the pointer. */
export function TorrentMenu() {
  const actions = useActions();
  const isDesktop = useIsDesktop();
  const torrent = useApp((state) => selectedTorrent(state)?.id);
  const state = useApp((app) => selectedTorrent(app)?.state);
  const isSuperSeeding = useApp((app) => selectedTorrent(app)?.isSuperSeeding === true);
  const isRecorded = useApp((app) => selectedTorrent(app)?.recording !== undefined);
  const isStopped = state === "paused" || state === "stopped-by-fault";
  const hasMetadata = useApp((app) => selectedTorrent(app)?.metadata === undefined);
  const asksForFiles = useApp((app) => selectedTorrent(app)?.asksForFiles === true);
  const infoHash = useApp((app) => selectedTorrent(app)?.infoHash);
  const hashes = infoHash === undefined ? {} : hashTexts(infoHash);
  const on = (act: (id: string) => unknown) => () => {
    if (torrent !== undefined) act(torrent);
  };
  const words = say.torrents;
  return (
    <ContextMenu.Portal>
      <ContextMenu.Positioner className="menu-positioner" sideOffset={2}>
        <ContextMenu.Popup className="menu" data-testid="torrent-menu">
          {isStopped ? (
            <MenuItem onClick={on(actions.resume)} keys={words.keys.space}>
              {words.resume}
            </MenuItem>
          ) : (
            <MenuItem onClick={on(actions.pause)} keys={words.keys.space}>
              {words.pause}
            </MenuItem>
          )}
          <MenuItem onClick={on((id) => actions.openFolder(id))} keys={words.keys.enter}>
            {isDesktop ? say.frame.openFolder : say.frame.copyFolder}
          </MenuItem>
          {asksForFiles && <MenuItem onClick={on(actions.askForFiles)}>{words.chooseFiles}</MenuItem>}
          <MenuLine />
          {hashes.v1 !== undefined && (
            <MenuItem onClick={() => actions.copy(hashes.v1 ?? "", say.frame.infoHash)}>{words.copyHash}</MenuItem>
          )}
          {hashes.v2 !== undefined && (
            <MenuItem onClick={() => actions.copy(hashes.v2 ?? "", say.frame.infoHashV2)} testId="menu-copy-v2">
              {words.copyHashV2}
            </MenuItem>
          )}
          <MenuItem onClick={on(actions.copyMagnet)} testId="menu-copy-magnet">
            {words.copyMagnet}
          </MenuItem>
          <MenuItem onClick={on(actions.saveTorrentFile)} disabled={!hasMetadata} testId="menu-save-torrent">
            {words.save}
          </MenuItem>
          <MenuLine />
          <MenuItem onClick={on(actions.announce)} disabled={isStopped}>
            {words.announce}
          </MenuItem>
          <MenuItem onClick={on((id) => actions.open({ kind: "add-peer", torrent: id }))} disabled={isStopped}>
            {words.addPeer}
          </MenuItem>
          <MenuItem onClick={on(actions.recheck)} disabled={state === "checking"}>
            {words.recheck}
          </MenuItem>
          {isRecorded ? (
            <MenuItem onClick={on(actions.stopRecording)} testId="menu-stop-recording">
              {say.recording.stop}
            </MenuItem>
          ) : (
            <MenuItem onClick={on((id) => actions.startRecording(id))} testId="menu-record">
              {say.recording.record}
            </MenuItem>
          )}
          <ContextMenu.CheckboxItem
            className="menu-item"
            checked={isSuperSeeding}
            closeOnClick
            onCheckedChange={(checked) => on((id) => actions.superSeed(id, checked))()}
            title={words.superSeedMeaning}
            data-testid="menu-super-seed"
          >
            {words.superSeed}
            <ContextMenu.CheckboxItemIndicator>
              <Check size={14} aria-hidden />
            </ContextMenu.CheckboxItemIndicator>
          </ContextMenu.CheckboxItem>
          <MenuLine />
          <MenuItem
            onClick={on((id) => actions.open({ kind: "torrent-settings", torrent: id }))}
            testId="menu-torrent-settings"
          >
            {words.settings}
          </MenuItem>
          <MenuLine />
          <MenuItem
            onClick={on((id) => actions.open({ kind: "remove", torrent: id }))}
            keys={words.keys.delete}
            isDanger
          >
            {words.remove}
          </MenuItem>
        </ContextMenu.Popup>
      </ContextMenu.Positioner>
    </ContextMenu.Portal>
  );
}
