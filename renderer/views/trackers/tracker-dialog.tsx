import { useState } from "react";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Field, TextArea } from "../parts/field.tsx";
import { FormDialog } from "../parts/form-dialog.tsx";

/** Trackers to be added, one a line; or another address for one that is there. */
export function TrackerDialog({ torrent, url }: { torrent: TorrentId; url: string | undefined }) {
  const { editTrackers, closeDialog } = useActions();
  const [text, setText] = useState(url ?? "");
  const [fault, setFault] = useState<string>();

  async function submit(): Promise<void> {
    const urls = text.split(/\s+/).filter((line) => line !== "");
    const [by] = urls;
    if (by === undefined || by === url) return closeDialog();
    const edit = url === undefined ? ({ kind: "add", urls } as const) : ({ kind: "replace", url, by } as const);
    const refusal = await editTrackers(torrent, edit);
    if (refusal === undefined) closeDialog();
    else setFault(refusal);
  }

  function change(value: string): void {
    setText(value);
    setFault(undefined);
  }

  return (
    <FormDialog
      title={url === undefined ? say.trackers.addTitle : say.trackers.changeTitle}
      testId="tracker-dialog"
      size="medium"
      confirm={url === undefined ? say.trackers.addNow : say.trackers.changeNow}
      confirmTestId="tracker-confirm"
      onSubmit={submit}
      onClose={closeDialog}
    >
      {url === undefined ? (
        <TextArea
          label={say.trackers.addresses}
          value={text}
          placeholder={say.trackers.addressesExample}
          fault={fault}
          note={say.trackers.addressesNote}
          testId="tracker-addresses"
          onChange={change}
        />
      ) : (
        <Field
          label={say.trackers.address}
          value={text}
          fault={fault}
          note={say.trackers.addressNote}
          isFirst
          testId="tracker-address"
          onChange={change}
        />
      )}
    </FormDialog>
  );
}
