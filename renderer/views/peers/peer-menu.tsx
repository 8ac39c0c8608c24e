import { partyOf } from "../../../core/model/address.ts";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import type { AnyPeer } from "../../format/peer-filter.ts";
import { selectedDetails, selectedTorrent } from "../../store/app-state.ts";
import { anyPeer } from "../../store/peer-rows.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useGetState } from "../app-context.tsx";
import { FloatingMenu, MenuItem, MenuLine, MenuNote, type MenuPlace } from "../parts/menu.tsx";
import { useConnect } from "./use-connect.ts";

export interface PeerMenuHooks {
  /** Begins a record of these peers; without it nothing is offered. */
  readonly onRecord?: ((peers: readonly number[]) => void) | undefined;
}

/** What can be done with the chosen peers, at the pointer. */
export function PeerMenu({
  at,
  keys,
  onRecord,
  onClose,
  focusAfter,
}: {
  at: MenuPlace;
  keys: ReadonlySet<string>;
  onClose: () => void;
  focusAfter: () => HTMLElement | null;
} & PeerMenuHooks) {
  const actions = useActions();
  const getState = useGetState();
  const connect = useConnect();
  const torrent = useApp((state) => state.selected);
  const isPast = useApp((state) => state.past !== undefined);
  const isRecorded = useApp((state) => selectedTorrent(state)?.recording !== undefined);
  if (torrent === undefined || keys.size === 0) return null;

  const chosen = [...keys].flatMap((key) => anyPeer(selectedDetails(getState()), key) ?? []);
  const live = chosen.flatMap((any) => (any.kind === "live" ? [any.peer.id] : []));
  const away = chosen.filter((any) => any.kind !== "live");
  const banned = [...new Set(away.filter(isBanned).map(({ peer }) => partyOf(peer)))];
  const each = (ids: readonly number[], act: (id: number) => unknown) => () => {
    for (const id of ids) act(id);
  };

  function copyDump(): void {
    const { peer } = selectedDetails(getState());
    if (peer !== undefined && peer.peer === live[0]) void actions.copy(peer.dump, say.peers.dump);
  }

  return (
    <FloatingMenu at={at} label={say.peers.menu} testId="peer-menu" onClose={onClose} focusAfter={focusAfter}>
      {chosen.length > 1 && <MenuNote>{say.peers.chosen(chosen.length)}</MenuNote>}
      {away.length > 0 && (
        <MenuItem
          onClick={() => connect(away)}
          disabled={isPast}
          testId="menu-connect"
          {...(chosen.length === 1 ? { keys: say.table.enter } : {})}
        >
          {away.some((any) => any.kind === "gone") ? say.peers.connectAgain : say.peers.connect}
        </MenuItem>
      )}
      {live.length > 0 && (
        <>
          <MenuItem
            onClick={each(live, (id) => actions.disconnect(torrent, id))}
            disabled={isPast}
            testId="menu-disconnect"
          >
            {say.peers.disconnect}
          </MenuItem>
          <MenuItem
            onClick={() => actions.open({ kind: "limit-peers", torrent, peers: live })}
            disabled={isPast}
            testId="menu-limit"
          >
            {say.peers.limit}
          </MenuItem>
          {onRecord !== undefined && (
            <MenuItem onClick={() => onRecord(live)} disabled={isPast} testId="menu-record">
              {say.peers.record}
            </MenuItem>
          )}
        </>
      )}
      {live.length === 1 && (isPast || isRecorded) && (
        <MenuItem onClick={each(live, (id) => actions.saveCapture(torrent, id))} testId="menu-save-capture">
          {say.recording.saveCapture}
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem
        onClick={() =>
          void actions.copy(
            chosen.map(({ peer }) => formatEndpoint(peer)).join("\n"),
            chosen.length === 1 ? say.peers.address : say.peers.addresses,
          )
        }
        testId="menu-copy-address"
      >
        {say.peers.copyAddress(chosen.length)}
      </MenuItem>
      {chosen.length === 1 && live.length === 1 && (
        <MenuItem onClick={copyDump} testId="menu-copy-dump">
          {say.peers.copyDump}
        </MenuItem>
      )}
      {live.length + banned.length > 0 && <MenuLine />}
      {banned.length > 0 && (
        <MenuItem onClick={() => banned.map((party) => actions.liftBan(party))} disabled={isPast} testId="menu-unban">
          {say.peers.unban}
        </MenuItem>
      )}
      {live.length > 0 && (
        <MenuItem onClick={each(live, (id) => actions.ban(torrent, id))} disabled={isPast} isDanger testId="menu-ban">
          {say.peers.ban}
        </MenuItem>
      )}
    </FloatingMenu>
  );
}

function isBanned(any: AnyPeer): boolean {
  return any.kind === "known" ? any.peer.hindrance === "banned" : any.kind === "gone" && any.peer.reason === "banned";
}
