import type { Bitfield } from "../model/bitfield.ts";
import type { PeerSupports } from "../model/peer-face.ts";
import type { PieceIndex } from "../model/units.ts";
import { type ExtensionHandshake, placeOfExtension } from "../wire/extension-handshake.ts";
import { decodeReserved } from "../wire/handshake.ts";
import { MESSAGE } from "../wire/message-id.ts";
import { MessageWriter } from "../wire/writer.ts";
import { MessageRing } from "./message-ring.ts";
import type { InRequest } from "./ports.ts";
import { Standing } from "./standing.ts";

/** What a peer is told, in words that it understands. Each goes out with the next flush. */
export abstract class Speech extends Standing {
  supports: PeerSupports = decodeReserved(undefined);
  extension: ExtensionHandshake | undefined;
  readonly messages = new MessageRing();
  readonly writer = new MessageWriter();

  sendBare(id: number): void {
    this.writer.bare(id);
    this.messages.note("out", id, this.now);
  }

  /** have, suggest, allowed fast. */
  sendPiece(id: number, piece: PieceIndex): void {
    this.writer.piece(id, piece);
    this.messages.note("out", id, this.now, piece);
  }

  /** Our pieces, in the shortest form that it understands; nothing when we have none and it knows no better. */
  sendPieces(ours: Bitfield): void {
    if (this.supports.fast && ours.isFull) this.sendBare(MESSAGE.haveAll);
    else if (this.supports.fast && ours.isEmpty) this.sendBare(MESSAGE.haveNone);
    else if (!ours.isEmpty) {
      this.writer.payload(MESSAGE.bitfield, ours.bytes);
      this.messages.note("out", MESSAGE.bitfield, this.now, ours.count);
    }
  }

  /** It is not known yet what there is to have. */
  sendNoPieces(): void {
    if (this.supports.fast) this.sendBare(MESSAGE.haveNone);
  }

  sendPort(port: number): void {
    this.writer.port(port);
    this.messages.note("out", MESSAGE.port, this.now, port);
  }

  sendExtended(id: number, payload: Uint8Array): void {
    this.writer.payload(MESSAGE.extended, Uint8Array.of(id), payload);
    this.messages.note("out", MESSAGE.extended, this.now, id, payload.length, placeOfExtension(this.extension, id));
  }

  sendReject({ piece, begin, length }: InRequest): void {
    this.writer.block(MESSAGE.reject, piece, begin, length);
    this.messages.note("out", MESSAGE.reject, this.now, piece, begin, length);
  }
}
