import { ExtensionWriter, PACKET, PacketReader, writeHeader } from "../../../core/utp/packet.ts";

/** What a test says of a packet; the rest is zero. */
export interface Draft {
  readonly type: keyof typeof PACKET;
  readonly connectionId?: number;
  readonly timestamp?: number;
  readonly difference?: number;
  readonly window?: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  /** Bytes of the selective acknowledgement. */
  readonly mask?: readonly number[];
  readonly closeReason?: number;
  readonly padding?: number;
  readonly payload?: Uint8Array;
}

export function packet(draft: Draft): Uint8Array {
  const bytes = new Uint8Array(4096);
  const { connectionId = 0, timestamp = 0, difference = 0, window = 1 << 20, sequence = 0, acknowledged = 0 } = draft;
  writeHeader(bytes, PACKET[draft.type], connectionId, timestamp, difference, window, sequence, acknowledged);
  const extensions = new ExtensionWriter();
  extensions.begin(bytes);
  if (draft.mask !== undefined) bytes.set(draft.mask, extensions.selectiveAck(draft.mask.length));
  if (draft.closeReason !== undefined) extensions.closeReason(draft.closeReason);
  if (draft.padding !== undefined) extensions.padding(draft.padding);
  const { payload = new Uint8Array(0) } = draft;
  bytes.set(payload, extensions.length);
  return bytes.slice(0, extensions.length + payload.length);
}

/** A reader of its own for each packet. */
export function read(bytes: Uint8Array): PacketReader {
  const reader = new PacketReader();
  if (!reader.read(bytes)) throw new Error("not a packet");
  return reader;
}
