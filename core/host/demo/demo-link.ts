import type { Socket } from "node:net";
import { encodeBencode } from "../../model/bencode.ts";
import { Bitfield } from "../../model/bitfield.ts";
import { bytesEqual, concatBytes, readUint32 } from "../../model/bytes.ts";
import type { PieceLayout } from "../../model/layout.ts";
import { BLOCK_LENGTH, type Bytes, KIB, type PieceIndex, type Timestamp } from "../../model/units.ts";
import { WireDecoder, type WireFault, type WireSink } from "../../wire/decoder.ts";
import { encodeHandshake, HandshakeReader } from "../../wire/handshake.ts";
import { MESSAGE } from "../../wire/message-id.ts";
import { MessageWriter } from "../../wire/writer.ts";
import { demoBytes } from "./demo-torrent.ts";

/** What one connection needs of the peer that it belongs to. */
export interface LinkOwner {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly layout: PieceLayout;
  readonly pieces: Bitfield;
  readonly version: string | undefined;
  readonly listenPort: number | undefined;
  readonly isFast: boolean;
  readonly isUploadOnly: boolean;
  /** It wants what the other side has. */
  readonly isLeecher: boolean;
  readonly isChoking: boolean;
  /** It answers no more requests. */
  readonly isSilent: boolean;
  /** @returns The block as this peer sends it. */
  blockServed(block: Uint8Array): Uint8Array;
  /** A whole piece came from the other side. */
  pieceReceived(piece: PieceIndex): void;
  closed(link: DemoLink): void;
}

interface Block {
  readonly piece: PieceIndex;
  readonly begin: Bytes;
  readonly length: Bytes;
}

const MAX_QUEUED = 500;
const REQUEST_LIMIT = 250;
/** Asked of the other side at a time: enough to keep its uploading seen. */
const MAX_OUTSTANDING = 6;
/** The other side reads slower than we write: wait. */
const MAX_BACKLOG = 256 * KIB;
const KEEP_ALIVE_AFTER = 50_000;

/** One connection of a scripted peer: speaks the wire protocol, serves and asks within the bytes it is given. */
export class DemoLink implements WireSink {
  readonly #socket: Socket;
  readonly #owner: LinkOwner;
  readonly #greeting = new HandshakeReader();
  readonly #decoder: WireDecoder;
  readonly #writer = new MessageWriter();
  #theirs: Bitfield;
  readonly #queue: Block[] = [];
  readonly #asked: Block[] = [];
  #hasGreeted = false;
  #isOpen = false;
  #isFast = false;
  #weChoke = true;
  #theyAreInterested = false;
  #theyChoke = true;
  #weAreInterested = false;
  #unchokeAt: Timestamp | undefined;
  /** What is left of the block on its way. */
  #sending: Uint8Array | undefined;
  #arriving: Block | undefined;
  /** The piece that is being fetched from the other side, and the next block of it to ask for. */
  #fetching: { readonly piece: PieceIndex; nextBlock: number; missing: number } | undefined;
  #lastSentAt: Timestamp = 0;
  #isClosed = false;

  /** @param isDialled - We opened the connection, so we greet first. */
  constructor(socket: Socket, owner: LinkOwner, isDialled: boolean) {
    this.#socket = socket;
    this.#owner = owner;
    this.#decoder = new WireDecoder(owner.layout.pieceCount);
    this.#theirs = new Bitfield(owner.layout.pieceCount);
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(chunk));
    // Whatever ends the connection, `close` follows.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#end());
    if (isDialled) this.#greet();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The peer has one piece more. */
  have(piece: PieceIndex): void {
    if (!this.#isOpen) return;
    this.#writer.piece(MESSAGE.have, piece);
    this.#judgeInterest();
  }

  /**
   * A moment passes.
   * @param mayServe - Bytes of blocks to send at most.
   * @param mayTake - Bytes of blocks to ask for at most.
   * @returns What was used of each.
   */
  tick(now: Timestamp, mayServe: Bytes, mayTake: Bytes): { readonly served: Bytes; readonly taken: Bytes } {
    if (!this.#isOpen) return { served: 0, taken: 0 };
    this.#decideChoke(now);
    const taken = this.#ask(mayTake);
    this.#flush(now);
    const served = this.#serve(now, mayServe);
    if (now - this.#lastSentAt > KEEP_ALIVE_AFTER) {
      this.#writer.keepAlive();
      this.#flush(now);
    }
    return { served, taken };
  }

  keepAlive(): void {}

  message(id: number, payload: Uint8Array): WireFault | undefined {
    switch (id) {
      case MESSAGE.choke:
        this.#theyChoke = true;
        this.#dropAsked();
        break;
      case MESSAGE.unchoke:
        this.#theyChoke = false;
        break;
      case MESSAGE.interested:
        this.#theyAreInterested = true;
        break;
      case MESSAGE.notInterested:
        this.#theyAreInterested = false;
        break;
      case MESSAGE.have:
        if (this.#owner.layout.isPiece(readUint32(payload, 0))) this.#theirs.set(readUint32(payload, 0));
        this.#judgeInterest();
        break;
      case MESSAGE.bitfield:
        this.#theirs = Bitfield.fromBytes(payload, this.#theirs.length);
        this.#judgeInterest();
        break;
      case MESSAGE.haveAll:
        this.#theirs = Bitfield.full(this.#theirs.length);
        this.#judgeInterest();
        break;
      case MESSAGE.request:
        this.#requested(readBlock(payload));
        break;
      case MESSAGE.cancel:
        this.#cancelled(readBlock(payload));
        break;
      case MESSAGE.reject:
        this.#dropAsked();
        break;
      default:
        break;
    }
    return undefined;
  }

  blockBegins(piece: PieceIndex, begin: Bytes, length: Bytes): undefined {
    this.#arriving = { piece, begin, length };
  }

  blockProgress(): void {}

  blockEnds(): undefined {
    const block = this.#arriving;
    const at = this.#asked.findIndex((asked) => asked.piece === block?.piece && asked.begin === block.begin);
    if (at < 0) return;
    this.#asked.splice(at, 1);
    const fetching = this.#fetching;
    if (fetching === undefined || --fetching.missing > 0) return;
    this.#fetching = undefined;
    this.#owner.pieceReceived(fetching.piece);
  }

  #read(chunk: Uint8Array): void {
    let rest = chunk;
    if (!this.#isOpen) {
      const taken = this.#greeting.push(chunk);
      const { infoHash } = this.#greeting;
      if (taken === undefined || (infoHash !== undefined && !bytesEqual(infoHash, this.#owner.infoHash))) {
        this.close();
        return;
      }
      if (this.#greeting.peerId === undefined) return;
      rest = chunk.subarray(taken);
      this.#open();
    }
    if (this.#decoder.push(rest, this) !== undefined) this.close();
  }

  #greet(): void {
    const { infoHash, peerId, isFast } = this.#owner;
    const reserved = Uint8Array.of(0, 0, 0, 0, 0, 0x10, 0, isFast ? 0x04 : 0);
    this.#socket.write(encodeHandshake({ reserved, infoHash, peerId }));
    this.#hasGreeted = true;
  }

  #open(): void {
    if (!this.#hasGreeted) this.#greet();
    this.#isOpen = true;
    const { pieces, isFast } = this.#owner;
    const reserved = this.#greeting.reserved as Uint8Array;
    this.#isFast = isFast && ((reserved[7] as number) & 0x04) !== 0;
    if (this.#isFast && pieces.isFull) this.#writer.bare(MESSAGE.haveAll);
    else if (this.#isFast && pieces.isEmpty) this.#writer.bare(MESSAGE.haveNone);
    else if (!pieces.isEmpty) this.#writer.payload(MESSAGE.bitfield, pieces.bytes);
    if (((reserved[5] as number) & 0x10) !== 0) this.#introduce();
  }

  /** The extension handshake (BEP 10). */
  #introduce(): void {
    const { version, listenPort, isUploadOnly } = this.#owner;
    const fields = encodeBencode({
      m: { upload_only: 3 },
      p: listenPort,
      reqq: REQUEST_LIMIT,
      upload_only: isUploadOnly ? 1 : undefined,
      v: version,
    });
    this.#writer.payload(MESSAGE.extended, Uint8Array.of(0), fields);
  }

  #decideChoke(now: Timestamp): void {
    const wantsChoke = this.#owner.isChoking || !this.#theyAreInterested;
    if (wantsChoke) {
      this.#unchokeAt = undefined;
      if (this.#weChoke) return;
      this.#weChoke = true;
      this.#writer.bare(MESSAGE.choke);
      for (const block of this.#queue.splice(0)) this.#reject(block);
      return;
    }
    if (!this.#weChoke) return;
    // Nobody unchokes in the very moment that they are asked.
    this.#unchokeAt ??= now + 400;
    if (now < this.#unchokeAt) return;
    this.#weChoke = false;
    this.#unchokeAt = undefined;
    this.#writer.bare(MESSAGE.unchoke);
  }

  #requested(block: Block): void {
    const { layout, pieces } = this.#owner;
    const isThere = layout.isPiece(block.piece) && pieces.has(block.piece);
    const fits =
      isThere && block.length <= 2 * BLOCK_LENGTH && block.begin + block.length <= layout.lengthOf(block.piece);
    if (this.#weChoke || !fits || this.#queue.length >= MAX_QUEUED) this.#reject(block);
    else this.#queue.push(block);
  }

  #cancelled({ piece, begin }: Block): void {
    const at = this.#queue.findIndex((block) => block.piece === piece && block.begin === begin);
    if (at < 0) return;
    for (const block of this.#queue.splice(at, 1)) this.#reject(block);
  }

  #reject({ piece, begin, length }: Block): void {
    if (this.#isFast) this.#writer.block(MESSAGE.reject, piece, begin, length);
  }

  /** Sends parts of blocks, so that a slow peer trickles instead of bursting. */
  #serve(now: Timestamp, most: Bytes): Bytes {
    let served = 0;
    while (served < most && this.#socket.writableLength < MAX_BACKLOG) {
      this.#sending ??= this.#nextBlock();
      if (this.#sending === undefined) break;
      const part = this.#sending.subarray(0, most - served);
      this.#sending = part.length < this.#sending.length ? this.#sending.subarray(part.length) : undefined;
      this.#socket.write(part);
      this.#lastSentAt = now;
      served += part.length;
    }
    return served;
  }

  #nextBlock(): Uint8Array | undefined {
    if (this.#owner.isSilent) return undefined;
    const block = this.#queue.shift();
    if (block === undefined) return undefined;
    const { piece, begin, length } = block;
    const bytes = this.#owner.blockServed(demoBytes(this.#owner.layout.pieceOffset(piece) + begin, length));
    const header = new MessageWriter();
    header.blockHeader(piece, begin, length);
    return concatBytes(header.take(), bytes);
  }

  #judgeInterest(): void {
    if (!this.#owner.isLeecher) return;
    const wants = this.#wantedPieces().length > 0;
    if (wants === this.#weAreInterested) return;
    this.#weAreInterested = wants;
    this.#writer.bare(wants ? MESSAGE.interested : MESSAGE.notInterested);
  }

  #wantedPieces(): PieceIndex[] {
    const wanted: PieceIndex[] = [];
    this.#theirs.forEach((piece) => {
      if (!this.#owner.pieces.has(piece)) wanted.push(piece);
    });
    return wanted;
  }

  #ask(most: Bytes): Bytes {
    let taken = 0;
    while (!this.#theyChoke && this.#weAreInterested && taken + BLOCK_LENGTH <= most) {
      if (this.#asked.length >= MAX_OUTSTANDING) break;
      this.#fetching ??= this.#beginFetch();
      const fetching = this.#fetching;
      if (fetching === undefined || fetching.nextBlock >= this.#owner.layout.blocksIn(fetching.piece)) break;
      const { piece, nextBlock } = fetching;
      const block = {
        piece,
        begin: nextBlock * BLOCK_LENGTH,
        length: this.#owner.layout.blockLength(piece, nextBlock),
      };
      fetching.nextBlock++;
      this.#asked.push(block);
      this.#writer.block(MESSAGE.request, block.piece, block.begin, block.length);
      taken += block.length;
    }
    return taken;
  }

  #beginFetch() {
    const wanted = this.#wantedPieces();
    const piece = wanted[Math.floor(Math.random() * wanted.length)];
    if (piece === undefined) return undefined;
    return { piece, nextBlock: 0, missing: this.#owner.layout.blocksIn(piece) };
  }

  #dropAsked(): void {
    this.#asked.length = 0;
    this.#fetching = undefined;
  }

  /** Not between the parts of a block: messages wait for its end. */
  #flush(now: Timestamp): void {
    if (this.#writer.length === 0) return;
    if (this.#sending !== undefined) {
      this.#sending = concatBytes(this.#sending, this.#writer.take());
      return;
    }
    this.#socket.write(this.#writer.take());
    this.#lastSentAt = now;
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    this.#owner.closed(this);
  }
}

function readBlock(payload: Uint8Array): Block {
  return { piece: readUint32(payload, 0), begin: readUint32(payload, 4), length: readUint32(payload, 8) };
}
