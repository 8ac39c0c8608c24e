import { ContextMenu } from "@base-ui/react/context-menu";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { hashTexts } from "../format/info-hash.ts";
import { selectedTorrent } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useIsDesktop } from "./app-context.tsx";

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
            <Item onClick={on(actions.resume)} keys={words.keys.space}>
              {words.resume}
            </Item>
          ) : (
            <Item onClick={on(actions.pause)} keys={words.keys.space}>
              {words.pause}
            </Item>
          )}
          <Item onClick={on((id) => actions.openFolder(id))} keys={words.keys.enter}>
            {isDesktop ? say.frame.openFolder : say.frame.copyFolder}
          </Item>
          {asksForFiles && <Item onClick={on(actions.askForFiles)}>{words.chooseFiles}</Item>}
          <ContextMenu.Separator className="menu-line" />
          {hashes.v1 !== undefined && (
            <Item onClick={() => actions.copy(hashes.v1 ?? "", say.frame.infoHash)}>{words.copyHash}</Item>
          )}
          {hashes.v2 !== undefined && (
            <Item onClick={() => actions.copy(hashes.v2 ?? "", say.frame.infoHashV2)} testId="menu-copy-v2">
              {words.copyHashV2}
            </Item>
          )}
          <Item onClick={on(actions.copyMagnet)} testId="menu-copy-magnet">
            {words.copyMagnet}
          </Item>
          <Item onClick={on(actions.saveTorrentFile)} disabled={!hasMetadata} testId="menu-save-torrent">
            {words.save}
          </Item>
          <ContextMenu.Separator className="menu-line" />
          <Item onClick={on(actions.announce)} disabled={isStopped}>
            {words.announce}
          </Item>
          <Item onClick={on((id) => actions.open({ kind: "add-peer", torrent: id }))} disabled={isStopped}>
            {words.addPeer}
          </Item>
          <Item onClick={on(actions.recheck)} disabled={state === "checking"}>
            {words.recheck}
          </Item>
          {isRecorded ? (
            <Item onClick={on(actions.stopRecording)} testId="menu-stop-recording">
              {say.recording.stop}
            </Item>
          ) : (
            <Item onClick={on((id) => actions.startRecording(id))} testId="menu-record">
              {say.recording.record}
            </Item>
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
          <ContextMenu.Separator className="menu-line" />
          <Item
            onClick={on((id) => actions.open({ kind: "torrent-settings", torrent: id }))}
            testId="menu-torrent-settings"
          >
            {words.settings}
          </Item>
          <ContextMenu.Separator className="menu-line" />
          <Item onClick={on((id) => actions.open({ kind: "remove", torrent: id }))} keys={words.keys.delete} isDanger>
            {words.remove}
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
