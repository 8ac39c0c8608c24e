import type { TorrentChange } from "../contract/messages.ts";
import type { FilePriority, LogKind } from "../contract/views.ts";
import type { AnnounceOrder, Announcer } from "../discovery/announcer.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { torrentFile } from "../metainfo/torrent-file.ts";
import { Bitfield } from "../model/bitfield.ts";
import type { CloseReason, Closing } from "../model/close-reason.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import { type TorrentId, torrentId } from "../model/info-hash.ts";
import { type BanProof, GONE_PEERS, type GonePeer, type PeerSource } from "../model/peer-face.ts";
import { BLOCK_LENGTH, type Bytes, type BytesPerSecond, type PieceIndex, type Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import { RateMeter } from "../peer/rate-meter.ts";
import { Traffic } from "../peer/throttle.ts";
import { limitPeer } from "../swarm/allowance.ts";
import { PeerBook } from "../swarm/peer-book.ts";
import type { SwarmEvents } from "../swarm/ports.ts";
import type { Swarm } from "../swarm/swarm.ts";
import { outside, wantedPieces } from "./file-choice.ts";
import { readGiven } from "./given-metadata.ts";
import { TorrentLog } from "./log.ts";
import { checkPieces } from "./piece-check.ts";
import type { RunningRecording, TorrentStorage } from "./ports.ts";
import { dropForeign } from "./private-peers.ts";
import { Proofs } from "./proofs.ts";
import { SourceTally } from "./source-tally.ts";
import type { Activity, TorrentFault, TorrentRecord, TorrentSurroundings } from "./torrent-record.ts";
import { swarmOf } from "./torrent-swarm.ts";
import { TorrentTrackers, wordsOfAnswer } from "./torrent-trackers.ts";
import type { TrackerEdit } from "./tracker-edit.ts";
import { Wishes } from "./wishes.ts";

/** Trackers give no more in one answer. */
const MOST_WANTED = 200;
/** How web seeds end that is worth a word in the log: nobody else tells which address it was. */
const WEB_SEED_TROUBLE: ReadonlySet<CloseReason> = new Set(["banned", "web-seed-failed"]);

/**
 * One torrent of the session: its swarm, its trackers, and what is to be remembered of them.
 *
 * Invariant: the swarm runs exactly while `activity` is `running`.
 */
export class Torrent implements SwarmEvents {
  readonly id: TorrentId;
  /** Of a magnet link without files and pieces until {@link hasMetadata}. */
  metainfo: Metainfo;
  readonly folder: string;
  readonly addedAt: Timestamp;
  completedAt: Timestamp | undefined;
  readonly unwantedFiles: Set<number>;
  readonly wishes: Wishes;
  readonly trackers: TorrentTrackers;
  readonly log = new TorrentLog();
  readonly sources = new SourceTally();
  /** While it is recorded; decides nothing. */
  recording: RunningRecording | undefined;
  readonly gone: GonePeer[] = [];
  /** Peers that ever left: numbers `gone` for readers. */
  goneCount = 0;
  /** What it may take and give, within the session's limits. */
  readonly traffic: Traffic;
  readonly down: RateMeter;
  readonly up: RateMeter;
  activity: Activity = { kind: "paused" };
  swarm: Swarm;
  storage: TorrentStorage;
  /** It pauses when the metadata comes, or has, so that the user may choose files. */
  asksForFiles: boolean;
  readonly #surroundings: TorrentSurroundings;
  readonly #book: PeerBook;
  readonly #proofs = new Proofs();
  /** Totals of earlier runs. */
  readonly #before: { readonly downloaded: Bytes; readonly uploaded: Bytes; readonly wasted: Bytes };
  #unchecked: Bitfield;
  #pausesAfterCheck = false;
  #now: Timestamp;

  constructor(record: TorrentRecord, surroundings: TorrentSurroundings, now: Timestamp) {
    this.#now = now;
    this.traffic = new Traffic(surroundings.traffic);
    this.traffic.down.limit = record.downLimit ?? 0;
    this.traffic.up.limit = record.upLimit ?? 0;
    this.down = new RateMeter(now);
    this.up = new RateMeter(now);
    this.metainfo = record.metainfo;
    this.id = torrentId(record.metainfo.infoHash);
    this.folder = record.folder;
    this.addedAt = record.addedAt;
    this.completedAt = record.completedAt;
    this.unwantedFiles = new Set(record.unwantedFiles);
    this.wishes = new Wishes(record);
    this.storage = surroundings.storage;
    this.asksForFiles = record.asksForFiles ?? false;
    this.#surroundings = surroundings;
    this.#book = new PeerBook(surroundings.limits);
    this.#before = { downloaded: record.downloaded, uploaded: record.uploaded, wasted: record.wasted };
    this.#unchecked = record.unchecked;
    this.swarm = swarmOf(this, surroundings, this.#book, record.verified);
    this.swarm.superSeed(record.isSuperSeeding ?? false, now);
    this.trackers = new TorrentTrackers(record, surroundings.ourPeerId, surroundings.random);
    for (const endpoint of record.knownPeers) this.#book.add(endpoint, { kind: "resume" });
    for (const endpoint of record.metainfo.magnet?.peers ?? []) this.swarm.learn(endpoint, { kind: "magnet" });
    for (const warning of record.metainfo.warnings) this.note("note", warning);
  }

  get announcer(): Announcer {
    return this.trackers.announcer;
  }

  get downloaded(): Bytes {
    return this.#before.downloaded + this.swarm.downloaded;
  }

  get uploaded(): Bytes {
    return this.#before.uploaded + this.swarm.uploaded;
  }

  get wasted(): Bytes {
    return this.#before.wasted + this.swarm.wasted;
  }

  /** Pieces that may be there but were not hashed yet: kept, so that a restart goes on where this one ends. */
  get unchecked(): Bitfield {
    return this.#unchecked;
  }

  /** Its files and pieces are known. */
  get hasMetadata(): boolean {
    return this.swarm.metadata.isKnown;
  }

  /** Also while it is checked, when it will be paused after. */
  get isPaused(): boolean {
    const { kind } = this.activity;
    return kind === "paused" || (kind === "checking" && this.#pausesAfterCheck);
  }

  note(kind: LogKind, text: string, piece?: PieceIndex): void {
    this.log.write(this.#now, kind, text, piece);
  }

  /** Starts from a pause or a fault: checks what is unchecked, then joins the swarm. */
  resume(now: Timestamp): void {
    this.#now = now;
    if (this.activity.kind === "running") return;
    this.#surroundings.changed(true);
    this.#pausesAfterCheck = false;
    if (this.hasMetadata) this.asksForFiles = false;
    if (this.activity.kind === "checking") return;
    if (this.#unchecked.isEmpty) this.#run();
    else this.#check();
  }

  pause(now: Timestamp): void {
    this.#now = now;
    if (this.activity.kind === "paused") return;
    this.#halt({ reason: "local", by: "user", detail: "the torrent was paused" });
    this.#pause("Paused.");
  }

  /** The session ends, or the torrent is removed. */
  stop(closing: Closing, now: Timestamp): void {
    this.#now = now;
    this.#halt(closing);
  }

  /** Forgets what was verified and hashes everything that is on the disk. A paused torrent is paused afterwards. */
  recheck(now: Timestamp): void {
    this.#now = now;
    const wasPaused = this.isPaused;
    this.#halt({ reason: "checking", by: "us", detail: "the torrent is checked again" });
    this.#unchecked = Bitfield.full(this.metainfo.pieceCount);
    this.#replaceSwarm(new Bitfield(this.metainfo.pieceCount));
    this.completedAt = undefined;
    this.activity = { kind: "paused" };
    this.resume(now);
    this.#pausesAfterCheck = wasPaused;
  }

  wantFiles(files: readonly number[], wanted: boolean, now: Timestamp): void {
    this.#now = now;
    for (const file of files) {
      if (file >= this.metainfo.files.length) continue;
      if (wanted) this.unwantedFiles.delete(file);
      else this.unwantedFiles.add(file);
    }
    const wantedNow = wantedPieces(this.metainfo, this.unwantedFiles);
    for (let piece = 0; piece < wantedNow.length; piece++) this.swarm.setWanted(piece, wantedNow.has(piece));
    if (!this.swarm.isSeeding) this.completedAt = undefined;
    this.swarm.reviewInterest(now);
    this.#surroundings.changed(true);
    if (this.swarm.isSeeding && this.completedAt === undefined && this.activity.kind === "running") this.completed();
  }

  /** Of the files that are wanted, which come first. */
  prioritise(files: readonly number[], priority: FilePriority): void {
    this.wishes.prioritise(
      files.filter((file) => file < this.metainfo.files.length),
      priority,
    );
    this.#reorder();
  }

  /** What it has of its own; 0: as the session has it. */
  change({ isSequential, maxConnections, unchokeSlots }: TorrentChange): void {
    this.wishes.isSequential = isSequential ?? this.wishes.isSequential;
    this.wishes.maxConnections = maxConnections ?? this.wishes.maxConnections;
    this.wishes.unchokeSlots = unchokeSlots ?? this.wishes.unchokeSlots;
    this.#reorder();
  }

  /** While we have everything, peers are shown one piece at a time (BEP 16). */
  superSeed(isOn: boolean, now: Timestamp): void {
    this.#now = now;
    if (isOn === this.swarm.isSuperSeeding) return;
    this.swarm.superSeed(isOn, now);
    this.note("note", isOn ? "Super-seeding: each peer is shown one piece at a time." : "Super-seeding ended.");
    this.#surroundings.changed(true);
    this.#surroundings.wake();
  }

  /** Limits of the torrent itself. 0: none. */
  limit(downLimit: BytesPerSecond, upLimit: BytesPerSecond): void {
    this.traffic.down.limit = downLimit;
    this.traffic.up.limit = upLimit;
    this.#surroundings.changed(true);
    this.#surroundings.wake();
  }

  /** Limits of one peer, while it is connected. @returns False when it is gone. */
  limitPeer(id: number, downLimit: BytesPerSecond, upLimit: BytesPerSecond): boolean {
    for (const peer of this.swarm.peers) {
      if (peer.id !== id) continue;
      limitPeer(this.swarm, peer, downLimit, upLimit);
      this.#surroundings.wake();
      return true;
    }
    return false;
  }

  /** The user has had enough of a peer. @returns False when it is gone. */
  disconnect(id: number, now: Timestamp): boolean {
    for (const peer of this.swarm.peers) {
      if (peer.id !== id) continue;
      this.swarm.closePeer(peer, { reason: "local", by: "user", detail: "disconnected by hand" }, now);
      return true;
    }
    return false;
  }

  /** The user wants the trackers asked, or one of them, as far as they let themselves be asked. */
  announceNow(now: Timestamp, tracker?: string): void {
    if (tracker === undefined) this.announcer.announceNow(now);
    else this.announcer.announceTo(tracker);
  }

  /** @returns Whether anything changed. */
  editTrackers(edit: TrackerEdit, now: Timestamp): boolean {
    this.#now = now;
    const words = this.trackers.edit(edit, now);
    if (words === undefined) return false;
    this.note("tracker", words);
    this.#surroundings.changed(true);
    this.#surroundings.wake();
    return true;
  }

  /** @returns How many of the trackers were new. */
  mergeTrackers(tiers: readonly (readonly string[])[], now: Timestamp): number {
    this.#now = now;
    const added = this.trackers.merge(tiers);
    if (added === 0) return 0;
    this.note("tracker", `${added} ${added === 1 ? "tracker" : "trackers"} added.`);
    this.#surroundings.changed(true);
    return added;
  }

  tick(now: Timestamp): void {
    this.#now = now;
    this.down.total = this.swarm.downloaded;
    this.up.total = this.swarm.uploaded;
    this.down.sample(now);
    this.up.sample(now);
    if (this.activity.kind === "running") this.swarm.tick(now);
  }

  /** Announces that are due, as requests to be made now. */
  announces(now: Timestamp): AnnounceOrder[] {
    if (!this.#surroundings.announces) return [];
    const limits = this.#surroundings.limits;
    const { ledger } = this.swarm;
    return this.announcer.poll(now, {
      // Nobody listens there either, but many trackers refuse who says 0.
      port: limits.listenPort() ?? 1,
      uploaded: this.uploaded,
      downloaded: this.downloaded,
      // Who does not know yet how much there is has not got all of it.
      left: this.hasMetadata ? this.metainfo.layout.contentLength - ledger.bytesVerified() : BLOCK_LENGTH,
      numwant: Math.min(MOST_WANTED, limits.maxPeers()),
      isPartialSeed: ledger.isComplete && !ledger.verified.isFull,
    });
  }

  /** @param also - What the tracker answered over the other family of addresses. */
  answered(order: AnnounceOrder, body: Uint8Array, now: Timestamp, also: readonly Uint8Array[] = []): void {
    this.#now = now;
    const result = this.announcer.answered(order.id, body, now, also);
    const words = wordsOfAnswer(result);
    if (words !== undefined) this.note("tracker", words);
    const { externalIp, tracker } = result;
    if (externalIp !== undefined) this.#surroundings.limits.ownAddress.tell(externalIp, tracker, true);
    for (const endpoint of result.peers) {
      this.swarm.learn(endpoint, { kind: "tracker", tracker: result.tracker });
    }
    this.#surroundings.wake();
  }

  /** Peers that somebody other than a tracker names. Of a private torrent only its trackers may (BEP 27). */
  found(peers: readonly Endpoint[], source: PeerSource, now: Timestamp): void {
    this.#now = now;
    if (this.metainfo.isPrivate) return;
    for (const endpoint of peers) this.swarm.learn(endpoint, source);
    this.#surroundings.wake();
  }

  announceFailed(order: AnnounceOrder, words: string, now: Timestamp): void {
    this.#now = now;
    this.announcer.failed(order.id, words, now);
    if (order.kind === "announce") this.note("tracker", `${order.tracker}: ${words}`);
  }

  // SwarmEvents.

  pieceVerified(piece: PieceIndex): void {
    this.#surroundings.stored(piece);
  }

  pieceFailed(piece: PieceIndex, contributors: readonly Peer[]): void {
    const names = contributors.map((peer) => formatEndpoint(peer)).join(", ");
    this.note("piece-failed", `Piece ${piece} failed its hash; it came from ${names || "peers that are gone"}.`, piece);
  }

  completed(): void {
    this.completedAt = this.#now;
    this.note("done", this.unwantedFiles.size > 0 ? "Every wanted file is complete." : "Complete.");
    if (this.swarm.ledger.verified.isFull) this.announcer.complete(this.#now);
    this.#surroundings.changed(true);
  }

  faulted(fault: TorrentFault): void {
    if (this.activity.kind !== "running" && this.activity.kind !== "checking") return;
    if (fault.kind === "missing-file") this.#unchecked = Bitfield.full(this.metainfo.pieceCount);
    this.#halt({ reason: "local", by: "us", detail: `stopped by the disk: ${fault.cause}` });
    this.activity = { kind: "faulted", fault };
    this.note("fault", `${fault.path}: ${fault.cause}. ${fault.advice}`);
    this.#surroundings.changed(true);
  }

  /** The user has its .torrent, too: what a magnet link lacks, it has then. */
  takeMetadata(file: Uint8Array, now: Timestamp): void {
    this.#now = now;
    const given = this.hasMetadata ? undefined : readGiven(file, this.metainfo, this.#surroundings.limits.digest);
    if (given === undefined) return;
    this.metainfo = given.metainfo;
    this.metadataComplete(given.info, given.layers);
  }

  metadataFailed(): void {
    this.note("note", "The metadata failed its hash: some peer lies. It is fetched again.");
  }

  metadataComplete(info: Uint8Array, pieceLayers: ReadonlyMap<string, Uint8Array>): void {
    const { magnet } = this.metainfo;
    const opened = this.#surroundings.openMetadata(torrentFile(info, { ...this.metainfo, pieceLayers }));
    if (typeof opened === "string") {
      const advice = "Remove the torrent: what its link names can't be downloaded.";
      return this.faulted({ kind: "bad-metadata", path: this.metainfo.name, cause: opened, advice });
    }
    const { peers } = this.swarm;
    this.metainfo = opened.metainfo;
    this.storage = opened.storage;
    const { files, pieceCount } = this.metainfo;
    for (const index of outside(files, magnet?.selected)) this.unwantedFiles.add(index);
    this.#unchecked = Bitfield.full(pieceCount);
    this.#replaceSwarm(new Bitfield(pieceCount));
    this.swarm.adopt(peers);
    if (this.metainfo.isPrivate) this.note("note", dropForeign(this.swarm, this.#now));
    const fileCount = files.filter(({ isPadding }) => !isPadding).length;
    this.note("note", `The metadata is there: ${fileCount} files, ${pieceCount} pieces.`);
    this.#surroundings.changed(true);
    if (this.activity.kind !== "running") return;
    if (this.asksForFiles) {
      this.#halt({ reason: "local", by: "us", detail: "it waits for the choice of files" });
      this.#pause("Paused: choose the files.");
    } else this.#check();
  }

  dialWanted(): void {
    this.#surroundings.wake();
  }

  convicted(peer: Peer, evidence: string, proof?: Omit<BanProof, "hash">): void {
    this.#proofs.note(peer, this.metainfo, proof);
    this.#surroundings.ban(peer, evidence);
  }

  peerOpened(peer: Peer): void {
    this.recording?.opened(peer);
  }

  peerClosed(peer: Peer, closing: Closing): void {
    this.sources.closed(peer);
    const gone = this.#proofs.gone(peer, closing);
    this.gone.push(gone);
    this.goneCount++;
    if (this.gone.length > GONE_PEERS) this.gone.shift();
    const [source] = peer.sources;
    if (source?.kind === "web-seed" && WEB_SEED_TROUBLE.has(closing.reason))
      this.note("note", `Web seed ${source.url}: ${closing.detail}.`);
    else if (closing.reason === "banned") this.note("note", `Banned ${formatEndpoint(gone)}: ${closing.detail}.`);
  }

  // Below: the torrent's life.

  #run(): void {
    this.activity = { kind: "running" };
    this.swarm.isRunning = true;
    this.announcer.start(this.#now);
    this.note("started", this.swarm.isSeeding ? "Seeding." : "Downloading.");
    this.#surroundings.changed(true);
    this.#surroundings.wake();
  }

  #pause(words: string): void {
    this.activity = { kind: "paused" };
    this.note("paused", words);
    this.#surroundings.changed(true);
  }

  #check(): void {
    if (!this.swarm.ledger.verified.isEmpty) this.#distrust();
    this.note("checking", `Checking ${this.#unchecked.count} of ${this.#unchecked.length} pieces.`);
    this.activity = checkPieces(this.storage, {
      layout: this.metainfo.layout,
      unchecked: this.#unchecked,
      found: (piece) => this.swarm.ledger.adopt(piece),
      done: (fault, words) => {
        if (fault !== undefined) return this.faulted(fault);
        this.note("checked", words);
        if (this.swarm.isSeeding) this.completedAt ??= this.#now;
        if (this.#pausesAfterCheck) this.#pause("Paused, as before the check.");
        else this.#run();
      },
    });
  }

  /** Pieces to be checked are not believed meanwhile. */
  #distrust(): void {
    const believed = this.swarm.ledger.verified.copy();
    this.#unchecked.forEach((piece) => believed.clear(piece));
    this.#replaceSwarm(believed);
  }

  #reorder(): void {
    this.swarm.order = this.wishes.orderOf(this.metainfo);
    this.#surroundings.changed(true);
    this.#surroundings.wake();
  }

  #halt(closing: Closing): void {
    if (this.activity.kind === "checking") this.activity.cancel();
    this.swarm.isRunning = false;
    this.swarm.closeAll(closing, this.#now);
    this.swarm.dropPartials();
    this.announcer.stop(this.#now);
  }

  /** The new one counts on from where the old one ends. */
  #replaceSwarm(verified: Bitfield): void {
    const { downloaded, uploaded, wasted, isSuperSeeding } = this.swarm;
    this.swarm.retire();
    this.swarm = swarmOf(this, this.#surroundings, this.#book, verified);
    this.swarm.downloaded = downloaded;
    this.swarm.uploaded = uploaded;
    this.swarm.wasted = wasted;
    this.swarm.superSeed(isSuperSeeding, this.#now);
  }
}
