import { useState } from "react";
import { parseEndpoint } from "../../core/model/endpoint.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { say } from "../words/say.ts";
import { useActions } from "./app-context.tsx";
import { Field } from "./parts/field.tsx";
import { FormDialog } from "./parts/form-dialog.tsx";

/** Dials a peer whose address is known. */
export function AddPeerDialog({ torrent }: { torrent: TorrentId }) {
  const { addPeer, closeDialog } = useActions();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string>();

  async function submit(): Promise<void> {
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
    <FormDialog
      title={say.torrents.addPeerTitle}
      description={say.torrents.addPeerText}
      testId="add-peer-dialog"
      confirm={say.torrents.connect}
      confirmTestId="add-peer-confirm"
      onSubmit={submit}
      onClose={closeDialog}
    >
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
    </FormDialog>
  );
}
