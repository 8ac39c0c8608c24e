import type { Metainfo } from "../../metainfo/metainfo.ts";
import { toHex } from "../../model/bytes.ts";
import type { Closing } from "../../model/close-reason.ts";
import { reasonCode } from "../../model/close-reason.ts";
import type { Endpoint } from "../../model/endpoint.ts";
import type { PeerFace, Transport } from "../../model/peer-face.ts";
import { seededRandom } from "../../model/random.ts";
import type { Bytes, Timestamp } from "../../model/units.ts";
import { peerFace } from "../../peer/face.ts";
import type { Peer } from "../../peer/peer.ts";
import type { PeerLink } from "../../peer/ports.ts";
import { MESSAGE, messageName } from "../../wire/message-id.ts";
import type { SessionEffects, TorrentStorage } from "../ports.ts";
import { Session, type SessionOptions } from "../session.ts";
import { Torrent } from "../torrent.ts";
import type { TorrentRecord } from "../torrent-record.ts";
import { Boundary, type Tape } from "./boundary.ts";
import { SESSION_CALLS, TORRENT_CALLS } from "./calls.ts";
import { type Fields, type Plain, TRACE_FORMAT, toFields, toPlain } from "./line.ts";
import { TracedLink } from "./traced-link.ts";
import { TracedStorage } from "./traced-storage.ts";

export interface TraceOptions {
  readonly tape: Tape;
  /** For inputs that tell no time. */
  readonly clock: () => Timestamp;
  /** Of the program that records. */
  readonly version: string;
  /** What the session's chance comes from. */
  readonly seed: number;
}

/** What is told of a peer whenever it changes (peer semantics, section 1). Its pieces are told by its messages. */
const SHOWN = [
  ...([
    "host",
    "port",
    "direction",
    "isLocalConnection",
    "transport",
    "encryption",
    "phase",
    "peerId",
    "client",
  ] as const),
  ...(["reserved", "supports", "sources", "torrent", "weChoke", "weAreInterested", "peerChokes"] as const),
  ...(["peerIsInterested", "isSeed", "isUploadOnly", "isSnubbed", "isOptimistic", "isOnParole", "isEndgame"] as const),
] satisfies readonly (keyof PeerFace)[];

type Method = (...args: unknown[]) => unknown;

/**
 * A session like any other whose inputs, orders, messages and decisions go to a tape.
 *
 * Its methods, and those of its torrents and peers that the world may call, are replaced on the objects themselves: a
 * session that is not recorded knows nothing of it and pays nothing for it.
 */
export function recordedSession(options: Omit<SessionOptions, "random">, trace: TraceOptions): Session {
  const { digest, effects, ...plain } = options;
  const { seed, version } = trace;
  const recorder = new Recorder(trace);
  recorder.boundary.tell("head", "peerscope", { format: TRACE_FORMAT, version, seed, options: toFields(plain) });
  trace.tape.rest();
  const session = new Session({ ...options, random: seededRandom(seed), effects: recorder.watchEffects(effects) });
  recorder.watchSession(session);
  return session;
}

class Recorder {
  readonly boundary: Boundary<Peer>;
  readonly #trace: TraceOptions;
  #session: Session | undefined;
  #toldPort: number | undefined;
  readonly #torrents = new WeakMap<Torrent, number>();
  #lastTorrent = 0;
  /** Peers that were dialled or accepted and are not closed, with what was told of them. */
  readonly #peers = new Map<Peer, Map<string, Plain>>();

  constructor(trace: TraceOptions) {
    this.#trace = trace;
    this.boundary = new Boundary(trace.tape, trace.clock, {
      before: () => this.#tellPort(),
      after: (peer) => this.#tellPeers(peer),
    });
  }

  watchEffects(effects: SessionEffects): SessionEffects {
    const { boundary } = this;
    return {
      ...effects,
      dial: (peer) => {
        this.#meet(peer);
        const abort = boundary.order("dial", { peer: peer.id, host: peer.host, port: peer.port }, () =>
          effects.dial(peer),
        );
        return () => boundary.order("abort-dial", { peer: peer.id }, abort);
      },
      announce: (torrent, order) =>
        boundary.order("announce", { torrent: this.#numberOf(torrent), order: toFields(order) }, () =>
          effects.announce(torrent, order),
        ),
      openMetadata: (torrent, file) => {
        const number = this.#numberOf(torrent);
        const opened = boundary.order("open-metadata", { torrent: number }, () => effects.openMetadata(torrent, file));
        if (typeof opened === "string") return opened;
        return { ...opened, storage: new TracedStorage(boundary, opened.storage, number) };
      },
      stored: (torrent, piece) => {
        boundary.tell("decision", "verified", { torrent: this.#numberOf(torrent), piece });
        effects.stored(torrent, piece);
      },
    };
  }

  watchSession(session: Session): void {
    this.#session = session;
    for (const [name, names] of Object.entries(SESSION_CALLS)) this.#watchCall(session, name, names, {});
    replace(session, "add", (go, record, storage, now) =>
      this.#add(go, record as TorrentRecord, storage as TorrentStorage, now as Timestamp),
    );
    replace(session, "accept", (go, endpoint, transport, link, now) =>
      this.#accept(go, endpoint as Endpoint, transport as Transport, link as PeerLink, now as Timestamp),
    );
  }

  /** A call whose arguments are data. @param about - What else its line says. */
  #watchCall(target: object, name: string, names: readonly string[], about: Fields): void {
    const nowAt = names.indexOf("now");
    replace(target, name, (go, ...args) => {
      const fields = () => {
        const named = names.map((argument, i) => [argument, argument === "now" ? undefined : this.#data(args[i])]);
        return { ...about, ...toFields(Object.fromEntries(named)) };
      };
      return this.boundary.enter(name, args[nowAt] as Timestamp | undefined, fields, () => go(...args));
    });
  }

  #numberOf(torrent: Torrent): number {
    return this.#torrents.get(torrent) ?? 0;
  }

  #data(argument: unknown): unknown {
    return argument instanceof Torrent ? this.#numberOf(argument) : argument;
  }

  #add(go: Method, record: TorrentRecord, storage: TorrentStorage, now: Timestamp): unknown {
    if (this.boundary.isAside) return go(record, storage, now);
    const number = ++this.#lastTorrent;
    const fields = () => ({
      torrent: number,
      record: { ...toFields({ ...record, metainfo: undefined }), metainfo: plainMetainfo(record.metainfo) },
    });
    return this.boundary.enter("add", now, fields, () => {
      const torrent = go(record, new TracedStorage(this.boundary, storage, number), now) as Torrent;
      this.#torrents.set(torrent, number);
      this.#watchTorrent(torrent, number);
      return torrent;
    });
  }

  #watchTorrent(torrent: Torrent, number: number): void {
    for (const [name, names] of Object.entries(TORRENT_CALLS))
      this.#watchCall(torrent, name, names, { torrent: number });
    replace(torrent.log, "write", (go, at, entry, text, piece) => {
      this.boundary.tell("decision", "log", { torrent: number, ...toFields({ entry, text, piece }) });
      return go(at, entry, text, piece);
    });
  }

  #accept(go: Method, endpoint: Endpoint, transport: Transport, link: PeerLink, now: Timestamp): unknown {
    const traced = new TracedLink(this.boundary, link);
    const fields = () => ({ peer: traced.peer ?? null, ...toFields(endpoint), transport });
    return this.boundary.enter("accept", now, fields, () => {
      const peer = go(endpoint, transport, traced, now) as Peer;
      traced.peer = peer.id;
      this.#meet(peer);
      return peer;
    });
  }

  #meet(peer: Peer): void {
    const { boundary } = this;
    const { id } = peer;
    this.#peers.set(peer, new Map());
    let payload: PayloadRun[] = [];
    replace(peer, "connected", (go, link, now) => {
      const fields = () => ({ peer: id, transport: peer.transport });
      const traced = new TracedLink(boundary, link as PeerLink, id);
      return boundary.enter("connected", now as Timestamp, fields, () => go(traced, now), peer);
    });
    replace(peer, "receive", (go, chunk, now) => {
      if (peer.isClosed || boundary.isAside) return go(chunk, now);
      // It may be decrypted in place.
      const bytes = (chunk as Uint8Array).slice();
      payload = [];
      const fields = () => ({ peer: id, bytes: withoutPayload(bytes, payload) });
      return boundary.enter("receive", now as Timestamp, fields, () => go(chunk, now), peer);
    });
    replace(peer, "disconnected", (go, closing, now) => {
      if (peer.isClosed) return go(closing, now);
      const fields = () => ({ peer: id, transport: peer.transport, closing: toFields(closing as Closing) });
      return boundary.enter("disconnected", now as Timestamp, fields, () => go(closing, now), peer);
    });
    replace(peer, "blockProgress", (go, bytes, behind) => {
      payload.push({ bytes: bytes as Bytes, behind: behind as Bytes });
      return go(bytes, behind);
    });
    replace(peer.messages, "note", (go, way, message, at, ...numbers) => {
      const fields = messageFields(message as number, numbers as number[]);
      boundary.tell("message", messageKind(message as number), { way: way as string, peer: id, ...fields });
      return go(way, message, at, ...numbers);
    });
  }

  /** @param only - The one that may have changed; undefined: all may. */
  #tellPeers(only: Peer | undefined): void {
    for (const [peer, told] of this.#peers) {
      if (only === undefined || peer === only || peer.isClosed) this.#tellPeer(peer, told);
    }
  }

  #tellPeer(peer: Peer, told: Map<string, Plain>): void {
    const face = peerFace(peer);
    const changed: [string, Plain][] = [];
    for (const name of SHOWN) {
      // Who dials may still choose another.
      if (name === "transport" && peer.connectedAt === undefined) continue;
      const plain = face[name] instanceof Uint8Array ? toHex(face[name]) : toPlain(face[name]);
      const before = told.get(name);
      if (plain === before || JSON.stringify(plain) === JSON.stringify(before) || face[name] === undefined) continue;
      told.set(name, plain);
      changed.push([name, plain]);
    }
    if (changed.length > 0) this.boundary.tell("decision", "peer", { peer: peer.id, ...Object.fromEntries(changed) });
    if (peer.closing === undefined) return;
    this.#peers.delete(peer);
    const { closing } = peer;
    const code = reasonCode(closing.reason);
    this.boundary.tell("decision", "closed", { peer: peer.id, code, ...toFields(closing) });
  }

  #tellPort(): void {
    const port = this.#session?.listenPort;
    if (port === this.#toldPort) return;
    this.#toldPort = port;
    const at = this.#trace.clock();
    this.#trace.tape.input(() => ({ at, line: "input", kind: "listen", fields: toFields({ port }) }));
    this.#trace.tape.rest();
  }
}

/** A stretch of payload in a chunk, named by what comes after it: a prefix of the chunk may belong to the handshakes. */
interface PayloadRun {
  readonly bytes: Bytes;
  readonly behind: Bytes;
}

/** @returns A chunk as it is recorded: hexadecimal digits, and the lengths of the payload between them. */
export function withoutPayload(chunk: Uint8Array, payload: readonly PayloadRun[]): (string | number)[] {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const { bytes, behind } of payload) {
    const end = chunk.length - behind;
    const begin = Math.max(at, end - bytes);
    if (begin > at) parts.push(toHex(chunk.subarray(at, begin)));
    if (end > begin) parts.push(end - begin);
    at = Math.max(at, end);
  }
  if (at < chunk.length) parts.push(toHex(chunk.subarray(at)));
  return parts;
}

/** What the heart needs of it: hashes of pieces are the disk's, layouts follow from lengths. */
function plainMetainfo(metainfo: Metainfo): Plain {
  const { layout: _, fileLayout: __, pieceHashes: ___, pieceLayers, ...rest } = metainfo;
  return toFields({ ...rest, pieceLayers: pieceLayers && [...pieceLayers] });
}

function messageKind(id: number): string {
  return id < 0 ? "keep-alive" : messageName(id);
}

/** The numbers of a message by their names; those of {@link MessageRing.note}. */
function messageFields(id: number, [a, b, c]: readonly number[]): Fields {
  switch (id) {
    case MESSAGE.have:
    case MESSAGE.suggest:
    case MESSAGE.allowedFast:
      return toFields({ piece: a });
    case MESSAGE.request:
    case MESSAGE.piece:
    case MESSAGE.cancel:
    case MESSAGE.reject:
      return toFields({ piece: a, begin: b, length: c });
    case MESSAGE.extended:
      return toFields({ extension: a, bytes: b });
    case MESSAGE.bitfield:
      return toFields({ pieces: a });
    case MESSAGE.port:
      return toFields({ port: a });
    case MESSAGE.hashRequest:
    case MESSAGE.hashes:
    case MESSAGE.hashReject:
      return toFields({ first: a, nodes: b, height: c });
    default:
      return toFields({ bytes: a });
  }
}

/** Puts `around` before a method of one object. @param around - Gets the method itself, and what it is called with. */
function replace(target: object, name: string, around: (go: Method, ...args: unknown[]) => unknown): void {
  const methods = target as Record<string, Method>;
  const method = methods[name] as Method;
  const go: Method = (...args) => method.apply(target, args);
  methods[name] = (...args) => around(go, ...args);
}
