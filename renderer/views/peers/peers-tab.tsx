import { Popover } from "@base-ui/react/popover";
import { Flag } from "lucide-react";
import { useMemo } from "react";
import { useShallow } from "zustand/react/shallow";
import type { GonePeer } from "../../../core/contract/views.ts";
import { PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { parsePeerFilter } from "../../format/peer-filter.ts";
import { type PeersShown, selectedDetails, selectedPeer } from "../../store/app-state.ts";
import { FLAG_STYLES } from "../../store/preferences.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Segments } from "../parts/segments.tsx";
import { PeerPage } from "../peer/peer-page.tsx";
import { BanTable } from "./ban-table.tsx";
import { FlagMark } from "./flags.tsx";
import { GoneTable } from "./gone-table.tsx";
import { FilterFaults, PeerFilterBox } from "./peer-filter-box.tsx";
import { PeerPanel } from "./peer-panel.tsx";
import { PeerTable } from "./peer-table.tsx";

const NONE: readonly GonePeer[] = [];

/** The swarm as a table: who is here, who left and why, or who may not come; the chosen peer beside it. */
export function PeersTab() {
  const shown = useApp((state) => state.peersShown);
  const hasPeer = useApp((state) => selectedPeer(state) !== undefined);
  const opened = useApp((state) => state.openedPeer);
  if (opened !== undefined) return <PeerPage key={opened} id={opened} />;
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
  const filter = usePeerFilter();
  const torrent = useApp((state) => state.selected);
  const { startRecording } = useActions();
  /** One alone, or with several all of the torrent: a recording has one file. */
  const onRecord = (chosen: readonly number[]) => {
    if (torrent !== undefined) void startRecording(torrent, chosen.length === 1 ? chosen[0] : undefined);
  };
  const { peers } = say;
  switch (shown) {
    case "here":
      return <PeerTable filter={filter} onRecord={onRecord} />;
    case "gone":
      return <GoneTable key={shown} peers={gone} label={peers.goneLabel} empty={peers.goneEmpty} isOfTorrent />;
    case "banned":
      return <BanTable />;
    case "refused":
      return <GoneTable key={shown} peers={refused} label={peers.refusedLabel} empty={peers.refusedEmpty} />;
  }
}

function usePeerFilter() {
  const text = useApp((state) => state.peerFilter);
  return useMemo(() => parsePeerFilter(text), [text]);
}

/** Which peers are shown, how they are found, and the key to the flags. */
function PeersLine() {
  const { showPeers } = useActions();
  const shown = useApp((state) => state.peersShown);
  const filter = usePeerFilter();
  const [here, gone, refused, banned] = useApp(
    useShallow((state) => {
      const details = selectedDetails(state);
      const { session } = state.engine;
      const ofTorrent = [details.peers?.size ?? 0, details.gone?.length ?? 0] as const;
      return [...ofTorrent, session?.refused.length ?? 0, session?.bans ?? 0] as const;
    }),
  );
  return (
    <>
      <div className="tab-tools">
        <Segments
          label={say.peers.shown}
          chosen={shown}
          onChoose={showPeers}
          segments={[
            { value: "here", title: say.peers.here, count: here, testId: "peers-here" },
            { value: "gone", title: say.peers.gone, count: gone, testId: "peers-gone" },
            { value: "refused", title: say.peers.refused, count: refused, testId: "peers-refused" },
            { value: "banned", title: say.peers.banned, count: banned, testId: "peers-banned" },
          ]}
        />
        {shown === "here" && <PeerFilterBox filter={filter} />}
        <FlagKey />
      </div>
      {shown === "here" && <FilterFaults filter={filter} />}
    </>
  );
}

/** What the flags mean, and how they are shown. */
function FlagKey() {
  const { prefer } = useActions();
  const style = useApp((state) => state.preferences.flagStyle);
  return (
    <Popover.Root>
      <Popover.Trigger
        className="button button-plain button-small flag-key-button"
        title={say.peers.flagKey}
        data-testid="flag-key"
      >
        <Flag size={14} aria-hidden="true" />
        <span className="flag-key-words">{say.peers.flagKey}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" collisionPadding={12} className="popover-positioner">
          <Popover.Popup className="popover flag-key">
            <Popover.Title className="popover-title">{say.peers.flagTitle}</Popover.Title>
            <Segments
              label={say.peers.flagStyle}
              chosen={style}
              onChoose={(flagStyle) => prefer({ flagStyle })}
              segments={FLAG_STYLES.map((value) => ({
                value,
                title: say.peers.flagStyles[value],
                testId: `flags-as-${value}`,
              }))}
            />
            <dl data-style={style}>
              {PEER_FLAGS.map(({ letter }) => (
                <div key={letter} className="flag-key-line">
                  <dt>
                    <span className="flag" data-flag={letter}>
                      <FlagMark letter={letter} style={style} />
                    </span>
                  </dt>
                  <dd>{say.values.flags[letter]}</dd>
                </div>
              ))}
            </dl>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
