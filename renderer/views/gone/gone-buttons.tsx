import { Ban as BanIcon, RotateCw, ShieldOff } from "lucide-react";
import type { GonePeer } from "../../../core/contract/views.ts";
import { banOf } from "../../store/gone.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";
import { useConnect } from "../peers/use-connect.ts";

/** What can be done about one who is gone: connect again, ban, or lift the ban. */
export function GoneButtons({ peer, isInRow = false }: { peer: GonePeer; isInRow?: boolean }) {
  const { ban, liftBan } = useActions();
  const connect = useConnect();
  const torrent = useApp((state) => state.selected);
  const isPast = useApp((state) => state.past !== undefined);
  const banned = useApp((state) => banOf(peer, state.bans)?.party);
  // Web seeds are the torrent's own affair: they are asked again by themselves.
  if (torrent === undefined || peer.transport === "web") return null;
  const stop = isInRow ? ({ "data-stop": true, tabIndex: -1 } as const) : {};
  return (
    <span className="gone-buttons">
      <IconButton
        icon={RotateCw}
        words={say.gone.connectAgain}
        disabled={isPast || banned !== undefined}
        data-testid="gone-connect"
        onClick={() => connect([{ kind: "gone", peer }])}
        {...stop}
      />
      {banned === undefined ? (
        <IconButton
          icon={BanIcon}
          words={say.gone.ban}
          disabled={isPast}
          data-testid="gone-ban"
          onClick={() => void ban(torrent, peer.peer)}
          {...stop}
        />
      ) : (
        <IconButton
          icon={ShieldOff}
          words={say.gone.liftBan}
          disabled={isPast}
          data-testid="gone-unban"
          onClick={() => void liftBan(banned)}
          {...stop}
        />
      )}
    </span>
  );
}
