import { layoutOf } from "../../metainfo/parse.ts";
import type { Bitfield } from "../../model/bitfield.ts";
import { concatBytes, fromHex } from "../../model/bytes.ts";
import type { Closing } from "../../model/close-reason.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { Transport } from "../../model/peer-face.ts";
import type { Bytes } from "../../model/units.ts";
import type { Peer } from "../../peer/peer.ts";
import type { Session } from "../session.ts";
import type { Torrent } from "../torrent.ts";
import type { TorrentRecord } from "../torrent-record.ts";
import { SESSION_CALLS, TORRENT_CALLS } from "./calls.ts";
import { type Fields, fromPlain, numberOf, type Plain, TraceFault, type TraceLine } from "./line.ts";
import { ReplayLink, ReplayStorage, type Script } from "./replay-world.ts";

/** Of one chunk: far more than any socket gives. */
const MOST_PAYLOAD: Bytes = 64 * 1024 * 1024;

/** Does to a session what the inputs of a record say was done. */
export class ReplayInputs {
  readonly #session: Session;
  readonly #script: Script;
  readonly #peers = new Map<number, Peer>();
  readonly #torrents = new Map<number, Torrent>();
  /** Orders to be answered, by their numbers. */
  readonly #awaited = new Map<number, (line: TraceLine) => void>();

  constructor(session: Session, script: Script) {
    this.#session = session;
    this.#script = script;
  }

  /** A peer was dialled: it will be heard of. */
  met(peer: Peer): void {
    this.#peers.set(peer.id, peer);
  }

  /** A peer is closed: nothing more is recorded of it. */
  parted(peer: number): void {
    this.#peers.delete(peer);
  }

  /** An order was given that is answered later. */
  awaited(order: number, answer: (line: TraceLine) => void): void {
    this.#awaited.set(order, answer);
  }

  /** @throws TraceFault when it can't be done. */
  perform(line: TraceLine): void {
    const session = this.#session;
    const { at, kind, fields } = line;
    switch (kind) {
      case "listen":
        session.listenPort = fields.port === undefined ? undefined : numberOf(fields, "port");
        return;
      case "add": {
        const torrent = session.add(recordOf(fields.record), new ReplayStorage(this.#script), at);
        this.#torrents.set(numberOf(fields, "torrent"), torrent);
        return;
      }
      case "accept": {
        const { peer, transport, ...endpoint } = fields;
        const link = new ReplayLink(this.#script, typeof peer === "number" ? peer : undefined);
        const accepted = session.accept(endpoint as unknown as Endpoint, transport as Transport, link, at);
        this.met(accepted);
        return;
      }
      case "connected": {
        const peer = this.#peerOf(fields);
        return peer.connected(new ReplayLink(this.#script, peer.id), at);
      }
      case "receive":
        return this.#peerOf(fields).receive(chunkOf(fields.bytes), at);
      case "disconnected":
        return this.#peerOf(fields).disconnected(fromPlain(fields.closing) as Closing, at);
      case "released":
      case "stored":
      case "read":
      case "leaves":
      case "checked":
      case "check-done":
        return this.#answer(line);
    }
    if (Object.hasOwn(SESSION_CALLS, kind)) {
      return this.#call(session, kind, SESSION_CALLS[kind as keyof typeof SESSION_CALLS], line);
    }
    if (!Object.hasOwn(TORRENT_CALLS, kind)) throw this.#fault(line, "nobody calls the session so");
    this.#call(this.#torrentOf(fields), kind, TORRENT_CALLS[kind as keyof typeof TORRENT_CALLS], line);
  }

  #call(target: object, method: string, names: readonly string[], { at, fields }: TraceLine): void {
    const args = names.map((name) => {
      if (name === "now") return at;
      return name === "torrent" ? this.#torrentOf(fields) : fromPlain(fields[name]);
    });
    (target as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
  }

  #answer(line: TraceLine): void {
    const order = numberOf(line.fields, "order");
    const answer = this.#awaited.get(order);
    if (answer === undefined) throw this.#fault(line, `there is no order ${order} to be answered`);
    if (line.kind !== "checked") this.#awaited.delete(order);
    answer(line);
  }

  /** What the world did to it besides calling it is done as well. */
  #peerOf(fields: Fields): Peer {
    const peer = this.#peers.get(numberOf(fields, "peer"));
    if (peer === undefined) throw new TraceFault(`there is no peer ${fields.peer}`);
    if (typeof fields.transport === "string") peer.transport = fields.transport as Transport;
    return peer;
  }

  #torrentOf(fields: Fields): Torrent {
    const torrent = this.#torrents.get(numberOf(fields, "torrent"));
    if (torrent === undefined) throw new TraceFault(`there is no torrent ${fields.torrent}`);
    return torrent;
  }

  #fault({ kind }: TraceLine, words: string): TraceFault {
    return new TraceFault(`${kind}: ${words}`);
  }
}

function recordOf(value: Plain | undefined): TorrentRecord {
  const record = fromPlain(value) as TorrentRecord & { readonly verified: Bitfield };
  const { metainfo } = record;
  const rest = {
    pieceHashes: new Uint8Array(0),
    ...(metainfo.pieceLayers === undefined ? {} : { pieceLayers: new Map(metainfo.pieceLayers) }),
    ...layoutOf(metainfo.infoHash, metainfo.files, metainfo.pieceLength),
  };
  return { ...record, metainfo: { ...metainfo, ...rest } };
}

/** The chunk as it came, but for the payload: its place is kept, its bytes are zeros. */
function chunkOf(parts: Plain | undefined): Uint8Array {
  if (!Array.isArray(parts)) throw new TraceFault("bytes is no list");
  const chunks = parts.map((part) => {
    const bytes = typeof part === "number" && part <= MOST_PAYLOAD ? new Uint8Array(part) : fromHex(String(part));
    if (bytes === undefined) throw new TraceFault("bytes that are no hexadecimal digits");
    return bytes;
  });
  return concatBytes(...chunks);
}
