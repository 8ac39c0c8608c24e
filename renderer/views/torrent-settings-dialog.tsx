import { FileStack, Radio } from "lucide-react";
import { useState } from "react";
import type { TorrentView } from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { judgeNumber, type NumberRange, OWN_CONNECTIONS, OWN_SLOTS, RATE_RANGE } from "../format/settings-form.ts";
import type { TabName } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { InfoHashLines } from "./parts/info-hash.tsx";
import { DialogWindow } from "./parts/window.tsx";
import { SwitchLine, TypedLine } from "./settings/lines.tsx";

/** What one torrent has of its own; each change holds at once. */
export function TorrentSettingsDialog({ torrent }: { torrent: TorrentId }) {
  const view = useApp((state) => state.engine.torrents.get(torrent));
  return view === undefined ? null : <TorrentSettings view={view} />;
}

function TorrentSettings({ view }: { view: TorrentView }) {
  const { limitTorrent, changeTorrent, superSeed, select, showTab, closeDialog } = useActions();
  const { id, infoHash, name, downLimit, upLimit, isSequential, isSuperSeeding } = view;
  const [refusal, setRefusal] = useState<string>();
  const words = say.torrentSettings;

  function show(tab: TabName): void {
    closeDialog();
    select(id);
    showTab(tab);
  }

  const number = (
    key: "downLimit" | "upLimit" | "maxConnections" | "unchokeSlots",
    range: NumberRange,
    apply: (value: number) => Promise<string | undefined>,
    note: string,
    unit?: string,
  ) => (
    <TypedLine
      words={{ label: words[key], note, terms: [] }}
      kept={String(Math.round(view[key] / range.scale))}
      unit={unit}
      isNumber
      testId={`torrent-${key}`}
      judge={(text) => judgeNumber(text, range)}
      apply={apply}
    />
  );

  return (
    <DialogWindow
      title={words.title}
      description={name}
      testId="torrent-settings-dialog"
      size="medium"
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={() => show("files")} data-testid="torrent-files">
            <FileStack size={14} aria-hidden="true" />
            {words.files}
          </Button>
          <Button onClick={() => show("trackers")} data-testid="torrent-trackers">
            <Radio size={14} aria-hidden="true" />
            {words.trackers}
          </Button>
          <span className="foot-note" />
          <Button look="primary" data-first onClick={closeDialog} data-testid="torrent-settings-close">
            {say.frame.close}
          </Button>
        </>
      }
    >
      <div className="torrent-settings">
        {number("downLimit", RATE_RANGE, (value) => limitTorrent(id, value, upLimit), words.limitNote, words.rateUnit)}
        {number("upLimit", RATE_RANGE, (value) => limitTorrent(id, downLimit, value), words.limitNote, words.rateUnit)}
        {number(
          "maxConnections",
          OWN_CONNECTIONS,
          (value) => changeTorrent(id, { maxConnections: value }),
          words.asSettings,
        )}
        {number("unchokeSlots", OWN_SLOTS, (value) => changeTorrent(id, { unchokeSlots: value }), words.asSettings)}
        <SwitchLine
          words={{ label: words.sequential, note: words.sequentialNote, terms: [] }}
          isOn={isSequential}
          fault={refusal}
          testId="torrent-sequential"
          onChange={(isOn) => void changeTorrent(id, { isSequential: isOn }).then(setRefusal)}
        />
        <SwitchLine
          words={{ label: say.torrents.superSeed, note: say.torrents.superSeedMeaning, terms: [] }}
          isOn={isSuperSeeding}
          testId="torrent-super-seed"
          onChange={(isOn) => void superSeed(id, isOn)}
        />
        <dl className="facts torrent-hashes">
          <InfoHashLines infoHash={infoHash} />
        </dl>
      </div>
    </DialogWindow>
  );
}
