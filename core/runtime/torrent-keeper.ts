import type { SettingsChange } from "../contract/messages.ts";
import { readTorrent } from "../metainfo/read.ts";
import { Bitfield } from "../model/bitfield.ts";
import { torrentId } from "../model/info-hash.ts";
import type { Millis, PieceIndex, Timestamp } from "../model/units.ts";
import { outside } from "../session/file-choice.ts";
import type { OpenedMetadata } from "../session/ports.ts";
import type { Session } from "../session/session.ts";
import type { Torrent } from "../session/torrent.ts";
import type { TorrentRecord } from "../session/torrent-record.ts";
import { nodeDigest } from "./digest.ts";
import type { Disk, DiskFault } from "./disk/disk.ts";
import type { Storage } from "./disk/storage.ts";
import { MOST_KEPT_PEERS } from "./persist/resume-record.ts";
import type { LoadedTorrent, StateStore } from "./persist/state-store.ts";
import { trustworthy } from "./persist/trust.ts";

/** A record is renewed this often while pieces come: between two, the journal has them. */
const RENEW_AFTER: Millis = 30_000;
/** What the user wants is kept at once, but several changes together. */
const KEEP_AFTER: Millis = 100;
/** Notices shown for the whole session, at most. */
const MAX_NOTICES = 20;

/** Keeps torrents across runs: their files, their storages, and how far each is. */
export class TorrentKeeper {
  readonly notices: string[] = [];
  readonly #session: Session;
  readonly #disk: Disk;
  readonly #store: StateStore | undefined;
  readonly #storages = new Map<Torrent, Storage>();
  /** Torrents whose record is out of date, and when it is to be renewed. */
  readonly #due = new Map<Torrent, Timestamp>();
  readonly #saving = new Map<Torrent, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Timestamp = 0;
  #loaded: readonly LoadedTorrent[] = [];
  #settings: SettingsChange = {};
  #areBansDue = false;
  #savingBans: Promise<void> | undefined;
  #isClosing = false;

  /** @param store - Undefined: nothing is kept, and so nothing is flushed for its sake. */
  constructor(session: Session, disk: Disk, store: StateStore | undefined) {
    this.#session = session;
    this.#disk = disk;
    this.#store = store;
  }

  /** Reads everything. @returns The settings that were kept. */
  async load(): Promise<SettingsChange> {
    const state = await this.#store?.load();
    if (state === undefined) return {};
    this.#loaded = state.torrents;
    this.#settings = state.settings;
    this.#session.restoreBans(state.bans);
    for (const notice of state.notices) this.#notice(notice);
    return state.settings;
  }

  /** Adds what was loaded to the session; what ran goes on. */
  async restore(now: Timestamp): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = [];
    await Promise.all(loaded.map((torrent) => this.#restore(torrent, now)));
  }

  async saveSettings(change: SettingsChange): Promise<void> {
    this.#settings = { ...this.#settings, ...change };
    this.#noteFault(await this.#store?.saveSettings(this.#settings));
  }

  /** Bans that change while they are being kept are kept once more after that. */
  bansChanged(): void {
    this.#areBansDue = true;
    this.#savingBans ??= this.#saveBans();
  }

  /** A new torrent; `file` is its .torrent. */
  async add(record: TorrentRecord, file: Uint8Array, now: Timestamp): Promise<Torrent> {
    const storage = this.#open(record);
    const torrent = this.#session.add(record, storage, now);
    this.#storages.set(torrent, storage);
    this.#noteFault(await this.#store?.saveTorrentFile(torrent.id, file));
    this.changed(torrent, true);
    return torrent;
  }

  /** The metadata of a magnet link's torrent: kept as its .torrent. */
  openMetadata(torrent: Torrent, file: Uint8Array): OpenedMetadata | string {
    const parsed = readTorrent(file, nodeDigest, torrent.metainfo.infoHash.kind === "v2");
    if (!parsed.ok) return parsed.fault.words;
    const storage = this.#open({ metainfo: parsed.torrent, folder: torrent.folder });
    this.#storages.set(torrent, storage);
    void this.#store?.saveTorrentFile(torrent.id, file).then((fault) => this.#noteFault(fault));
    return { metainfo: parsed.torrent, storage };
  }

  /** After the session has let it go. @returns Why its data could not be deleted. */
  async remove(torrent: Torrent, withData: boolean): Promise<DiskFault | undefined> {
    this.#due.delete(torrent);
    await this.#saving.get(torrent);
    const storage = this.#storages.get(torrent);
    this.#storages.delete(torrent);
    const fault = withData ? await storage?.removeData() : await storage?.close();
    this.#noteFault(await this.#store?.removeTorrent(torrent.id));
    return fault ?? undefined;
  }

  changed(torrent: Torrent, isUrgent: boolean): void {
    if (this.#store === undefined) return;
    const at = Date.now() + (isUrgent ? KEEP_AFTER : RENEW_AFTER);
    this.#due.set(torrent, Math.min(at, this.#due.get(torrent) ?? Number.POSITIVE_INFINITY));
    this.#arm();
  }

  stored(torrent: Torrent, piece: PieceIndex): void {
    if (this.#store === undefined) return;
    void this.#store.noteWritten(torrent.id, piece).then((fault) => this.#noteFault(fault));
    this.changed(torrent, false);
  }

  /** Writes what is due and what was under way. The session has stopped. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    if (this.#store === undefined) return;
    const open = [...this.#storages.keys()].filter((torrent) => this.#due.has(torrent) || !torrent.isPaused);
    await Promise.all(
      open.map(async (torrent) => {
        // Pieces still being written answer before this does.
        this.#noteFault(await this.#storages.get(torrent)?.flush());
        await this.#saving.get(torrent);
        await this.#save(torrent);
      }),
    );
    await this.#savingBans;
    await this.#store.close();
  }

  async #saveBans(): Promise<void> {
    while (this.#areBansDue) {
      this.#areBansDue = false;
      this.#noteFault(await this.#store?.saveBans(this.#session.bans.list()));
    }
    this.#savingBans = undefined;
  }

  async #restore({ id, file, resume }: LoadedTorrent, now: Timestamp): Promise<void> {
    const whole = readTorrent(file, nodeDigest);
    // Of a hybrid one that was named by its v2 hash alone, the other half does not count.
    const isNamed = !whole.ok || torrentId(whole.torrent.infoHash) === id;
    const parsed = isNamed ? whole : readTorrent(file, nodeDigest, true);
    if (!parsed.ok) return this.#notice(`The torrent ${id} is left out: ${parsed.fault.words}.`);
    const metainfo = parsed.torrent;
    const { pieceCount, layout, fileLayout } = metainfo;
    const nothing = {
      metainfo,
      folder: this.#session.settings.downloadFolder,
      addedAt: now,
      isPaused: false,
      unwantedFiles: [],
      downloaded: 0,
      uploaded: 0,
      wasted: 0,
      extraTrackers: [],
      verified: new Bitfield(pieceCount),
      unchecked: Bitfield.full(pieceCount),
      knownPeers: [],
    };
    const isFit = resume !== undefined && resume.verified.length === pieceCount;
    const kept = { ...nothing, ...resume, verified: nothing.verified };
    // The engine was killed just when the metadata came: what it does then is done now, or once it comes again.
    if (!isFit && resume?.asksForFiles === true) kept.isPaused = pieceCount > 0;
    if (!isFit && pieceCount > 0) kept.unwantedFiles = outside(metainfo.files, resume?.selected);
    const storage = this.#open(kept);
    let record: TorrentRecord = kept;
    if (isFit && resume.mustCheck !== true) {
      const stamps = await storage.stat();
      if (Array.isArray(stamps)) record = { ...kept, ...trustworthy(resume, stamps, layout, fileLayout) };
    }
    const torrent = this.#session.add(record, storage, now);
    this.#storages.set(torrent, storage);
    if (!record.isPaused) torrent.resume(now);
  }

  #open({ metainfo, folder }: Pick<TorrentRecord, "metainfo" | "folder">): Storage {
    const { files, layout, fileLayout, pieceHashes, infoHash } = metainfo;
    const hashing = infoHash.kind === "v2" ? "tree" : "sha1";
    return this.#disk.openStorage({ folder, files, layout, fileLayout, pieceHashes, hashing });
  }

  #arm(): void {
    if (this.#isClosing || this.#due.size === 0) return;
    const next = Math.min(...this.#due.values());
    if (this.#timer !== undefined && this.#timerAt <= next) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    this.#timer = setTimeout(() => this.#saveDue(), Math.max(KEEP_AFTER, next - Date.now()));
  }

  #saveDue(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const [torrent, at] of this.#due) {
      if (at > now || this.#saving.has(torrent)) continue;
      this.#due.delete(torrent);
      const saving = this.#save(torrent).finally(() => this.#saving.delete(torrent));
      this.#saving.set(torrent, saving);
    }
    this.#arm();
  }

  async #save(torrent: Torrent): Promise<void> {
    const storage = this.#storages.get(torrent);
    if (storage === undefined || this.#store === undefined) return;
    const ledger = torrent.swarm.ledger;
    const flushed = ledger.verified.copy();
    const fault = await storage.flush();
    const stamps = fault === undefined ? await storage.stat() : [];
    const isKnown = fault === undefined && Array.isArray(stamps);
    const isIdle = torrent.activity.kind !== "running" || torrent.swarm.isSeeding;
    this.#noteFault(
      await this.#store.saveResume({
        id: torrent.id,
        folder: torrent.folder,
        addedAt: torrent.addedAt,
        ...(torrent.completedAt === undefined ? {} : { completedAt: torrent.completedAt }),
        isPaused: torrent.isPaused,
        unwantedFiles: [...torrent.unwantedFiles],
        downloaded: torrent.downloaded,
        uploaded: torrent.uploaded,
        wasted: torrent.wasted,
        downLimit: torrent.traffic.down.limit,
        upLimit: torrent.traffic.up.limit,
        isSuperSeeding: torrent.swarm.isSuperSeeding,
        asksForFiles: torrent.asksForFiles,
        ...(torrent.metainfo.magnet?.selected === undefined ? {} : { selected: torrent.metainfo.magnet.selected }),
        ...torrent.wishes.kept,
        extraTrackers: torrent.trackers.extra,
        ...(torrent.trackers.edited === undefined ? {} : { editedTrackers: torrent.trackers.edited }),
        knownPeers: torrent.swarm.book.endpoints(MOST_KEPT_PEERS),
        verified: isKnown ? flushed : new Bitfield(flushed.length),
        written: torrent.swarm.ledger.verified.copy(),
        stamps: isKnown ? stamps : torrent.metainfo.files.map(() => undefined),
        isAtRest: this.#isClosing || isIdle,
        mustCheck: !torrent.unchecked.isEmpty,
      }),
    );
  }

  #noteFault(fault: DiskFault | undefined): void {
    if (fault !== undefined)
      this.#notice(`The state could not be kept: ${fault.path}: ${fault.cause}. ${fault.advice}`);
  }

  #notice(text: string): void {
    if (this.notices.includes(text)) return;
    this.notices.push(text);
    if (this.notices.length > MAX_NOTICES) this.notices.shift();
  }
}
