import { useState } from "react";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { KIB } from "../../../core/model/units.ts";
import { judgeNumber, RATE_RANGE } from "../../format/settings-form.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useGetState } from "../app-context.tsx";
import { Field } from "../parts/field.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";

/** What some peers may give us, and take from us, beside the limits of all. */
export function LimitDialog({ torrent, peers }: { torrent: TorrentId; peers: readonly number[] }) {
  const { limitPeers, closeDialog } = useActions();
  const getState = useGetState();
  const first = selectedDetails(getState()).peers?.get(peers[0] ?? -1);
  const [down, setDown] = useState(() => String(Math.round((first?.downLimit ?? 0) / KIB)));
  const [up, setUp] = useState(() => String(Math.round((first?.upLimit ?? 0) / KIB)));
  const [fault, setFault] = useState<string>();
  const [judgedDown, judgedUp] = [judgeNumber(down, RATE_RANGE), judgeNumber(up, RATE_RANGE)];

  async function submit(): Promise<void> {
    if (judgedDown.kind === "fault" || judgedUp.kind === "fault") return;
    const refusal = await limitPeers(torrent, peers, judgedDown.value, judgedUp.value);
    if (refusal === undefined) closeDialog();
    else setFault(refusal);
  }

  return (
    <FormDialog
      title={say.peers.limitTitle(peers.length)}
      description={say.peers.limitText}
      testId="limit-dialog"
      confirm={say.peers.limitApply}
      confirmTestId="limit-confirm"
      onSubmit={submit}
      onClose={closeDialog}
    >
      <Field
        label={say.peers.limitDown}
        value={down}
        unit={say.settings.rateUnit}
        isNumber
        isFirst
        fault={judgedDown.kind === "fault" ? judgedDown.words : undefined}
        testId="limit-down"
        onChange={setDown}
      />
      <Field
        label={say.peers.limitUp}
        value={up}
        unit={say.settings.rateUnit}
        isNumber
        fault={judgedUp.kind === "fault" ? judgedUp.words : fault}
        testId="limit-up"
        onChange={setUp}
      />
    </FormDialog>
  );
}
