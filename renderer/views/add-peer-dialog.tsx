import { type SubmitEvent, useId, useState } from "react";
import { parseEndpoint } from "../../core/model/endpoint.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { say } from "../words/say.ts";
import { useActions } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { Field } from "./parts/field.tsx";
import { DialogWindow } from "./parts/window.tsx";

/** Dials a peer whose address is known. */
export function AddPeerDialog({ torrent }: { torrent: TorrentId }) {
  const { addPeer, closeDialog } = useActions();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string>();
  const form = useId();

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const endpoint = parseEndpoint(text);
    if (endpoint === undefined) {
      setFault(say.torrents.addressFault);
      return;
    }
    const refusal = await addPeer(torrent, endpoint.host, endpoint.port);
    if (refusal === undefined) closeDialog();
    else setFault(refusal);
  }

  return (
    <DialogWindow
      title={say.torrents.addPeerTitle}
      description={say.torrents.addPeerText}
      testId="add-peer-dialog"
      size="small"
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={closeDialog}>{say.frame.cancel}</Button>
          <Button look="primary" type="submit" form={form} data-testid="add-peer-confirm">
            {say.torrents.connect}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void submit(event)}>
        <Field
          label={say.torrents.address}
          value={text}
          placeholder="192.0.2.7:6881"
          fault={fault}
          isFirst
          testId="add-peer-address"
          onChange={(value) => {
            setText(value);
            setFault(undefined);
          }}
        />
      </form>
    </DialogWindow>
  );
}
