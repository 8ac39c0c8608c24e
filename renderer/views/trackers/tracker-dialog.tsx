import { type SubmitEvent, useId, useState } from "react";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Field, TextArea } from "../parts/field.tsx";
import { DialogWindow } from "../parts/window.tsx";

/** Trackers to be added, one a line; or another address for one that is there. */
export function TrackerDialog({ torrent, url }: { torrent: TorrentId; url: string | undefined }) {
  const { editTrackers, closeDialog } = useActions();
  const [text, setText] = useState(url ?? "");
  const [fault, setFault] = useState<string>();
  const form = useId();

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
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
    <DialogWindow
      title={url === undefined ? say.trackers.addTitle : say.trackers.changeTitle}
      testId="tracker-dialog"
      size="medium"
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={closeDialog}>{say.frame.cancel}</Button>
          <Button look="primary" type="submit" form={form} data-testid="tracker-confirm">
            {url === undefined ? say.trackers.addNow : say.trackers.changeNow}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)}>
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
      </form>
    </DialogWindow>
  );
}
