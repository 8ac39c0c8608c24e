import { Popover } from "@base-ui/react/popover";
import { useShallow } from "zustand/react/shallow";
import type { GonePeer } from "../../../core/contract/views.ts";
import { PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { type PeersShown, selectedDetails, selectedPeer } from "../../store/app-state.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Segments } from "../parts/segments.tsx";
import { BanTable } from "./ban-table.tsx";
import { GoneTable } from "./gone-table.tsx";
import { PeerPanel } from "./peer-panel.tsx";
import { PeerTable } from "./peer-table.tsx";

const NONE: readonly GonePeer[] = [];

/** The swarm as a table: who is here, who left and why, or who may not come; the chosen peer beside it. */
export function PeersTab() {
  const shown = useApp((state) => state.peersShown);
  const hasPeer = useApp((state) => selectedPeer(state) !== undefined);
  return (
    <div className="peers">
      <div className="peers-main">
        <PeersLine />
        <PeersShownTable shown={shown} />
      </div>
      {shown === "here" && hasPeer && <PeerPanel />}
    </div>
  );
}

function PeersShownTable({ shown }: { shown: PeersShown }) {
  const gone = useApp((state) => selectedDetails(state).gone) ?? NONE;
  const refused = useApp((state) => state.engine.session?.refused) ?? NONE;
  switch (shown) {
    case "here":
      return <PeerTable />;
    case "gone":
      return (
        <GoneTable
          key={shown}
          peers={gone}
          label="Peers that are gone"
          empty="Nobody has left yet. Whoever does is kept here with the reason."
        />
      );
    case "banned":
      return <BanTable />;
    case "refused":
      return (
        <GoneTable
          key={shown}
          peers={refused}
          label="Callers that were turned away"
          empty="Nobody was turned away. Callers that are about none of your torrents are kept here with the reason."
        />
      );
  }
}

/** Which peers are shown, and the key to the flags. */
function PeersLine() {
  const { showPeers } = useActions();
  const shown = useApp((state) => state.peersShown);
  const [here, gone, refused, banned] = useApp(
    useShallow((state) => {
      const details = selectedDetails(state);
      const { session } = state.engine;
      const ofTorrent = [details.peers?.size ?? 0, details.gone?.length ?? 0] as const;
      return [...ofTorrent, session?.refused.length ?? 0, session?.bans ?? 0] as const;
    }),
  );
  return (
    <div className="tab-tools">
      <Segments
        label="Peers shown"
        chosen={shown}
        onChoose={showPeers}
        segments={[
          { value: "here", title: "Here", count: here, testId: "peers-here" },
          { value: "gone", title: "Gone", count: gone, testId: "peers-gone" },
          { value: "refused", title: "Turned away", count: refused, testId: "peers-refused" },
          { value: "banned", title: "Banned", count: banned, testId: "peers-banned" },
        ]}
      />
      <FlagKey />
    </div>
  );
}

function FlagKey() {
  return (
    <Popover.Root>
      <Popover.Trigger className="button button-plain button-small" data-testid="flag-key">
        What the flags mean
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" collisionPadding={12} className="popover-positioner">
          <Popover.Popup className="popover flag-key">
            <Popover.Title className="popover-title">Peer flags</Popover.Title>
            <dl>
              {PEER_FLAGS.map(({ letter, words }) => (
                <div key={letter} className="flag-key-line">
                  <dt>
                    <span className="flag" data-flag={letter}>
                      {letter}
                    </span>
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
