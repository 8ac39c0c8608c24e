import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type SettingsChange, validateToEngine } from "../../contract/messages.ts";
import type { Ban } from "../../model/ban.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { PieceIndex } from "../../model/units.ts";
import type { DiskFault } from "../disk/disk-fault.ts";
import { AtomicFile, type AtomicRead } from "./atomic-file.ts";
import { bootName, isSameBoot } from "./boot.ts";
import { readBan } from "./kept-ban.ts";
import { PieceJournal } from "./piece-journal.ts";
import { decodeResume, encodeResume, type ResumeRecord } from "./resume-record.ts";
import { lockStateFolder } from "./state-lock.ts";
import type { KeptResume } from "./trust.ts";

const SETTINGS_VERSION = 1;
const BANS_VERSION = 1;
const OURS = /^([0-9a-f]{40})\.(metainfo|resume|journal)(\.previous)?$/;
const LEFTOVER = /^(settings|bans|dht|[0-9a-f]{40}\.(metainfo|resume))(\.previous)?\.new$/;

export interface LoadedTorrent {
  readonly id: TorrentId;
  /** The .torrent as it was saved. */
  readonly file: Uint8Array;
  /** Undefined when none was saved, or it is lost: a notice says so. */
  readonly resume?: KeptResume;
}

export interface LoadedState {
  readonly settings: SettingsChange;
  /** Oldest first. */
  readonly bans: readonly Ban[];
  readonly torrents: readonly LoadedTorrent[];
  /** What was damaged and what became of it, in words. */
  readonly notices: readonly string[];
}

/** What the store adds by itself. */
export type NewResume = Omit<ResumeRecord, "savedAt" | "boot">;

interface TorrentFiles {
  readonly metainfo: AtomicFile;
  readonly resume: AtomicFile;
  readonly journal: PieceJournal;
}

/**
 * What the engine keeps between runs, in one folder: `settings`, `bans`, `dht`, and for every torrent `<id>.metainfo` (its
 * .torrent), `<id>.resume` (what it had) and, while it downloads, `<id>.journal` (what it got since).
 *
 * Saving resolves when it is durable, with the fault that kept it from being; what was there before then stands.
 */
export class StateStore {
  readonly folder: string;
  readonly #unlock: () => Promise<void>;
  readonly #settings: AtomicFile;
  readonly #bans: AtomicFile;
  readonly #dht: AtomicFile;
  readonly #torrents = new Map<TorrentId, TorrentFiles>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(folder: string, unlock: () => Promise<void>) {
    this.folder = folder;
    this.#unlock = unlock;
    this.#settings = new AtomicFile(join(folder, "settings"));
    this.#bans = new AtomicFile(join(folder, "bans"));
    this.#dht = new AtomicFile(join(folder, "dht"));
  }

  /** Once, before anything is saved. */
  async load(): Promise<LoadedState> {
    const names = await readdir(this.folder);
    const ids = new Set<TorrentId>();
    for (const name of names) {
      const id = OURS.exec(name)?.[1];
      if (id !== undefined) ids.add(id);
    }
    const notices: string[] = [];
    const settings = await this.#loadSettings(notices);
    const bans = await this.#loadBans(notices);
    const torrents: LoadedTorrent[] = [];
    const present = new Set(names);
    const boot = bootName();
    for (const id of ids) {
      const torrent = await this.#loadTorrent(id, present, boot, notices);
      if (torrent) torrents.push(torrent);
    }
    for (const name of names) if (LEFTOVER.test(name)) await rm(join(this.folder, name), { force: true });
    return { settings, bans, torrents, notices };
  }

  saveSettings(settings: SettingsChange): Promise<DiskFault | undefined> {
    return this.#watch(this.#settings.write(toJson({ version: SETTINGS_VERSION, settings })));
  }

  /** What the DHT knew; undefined when there is nothing that can be read: it begins anew, then. */
  async loadDht(): Promise<Uint8Array | undefined> {
    const read = await this.#dht.read();
    return read.kind === "good" ? read.content : undefined;
  }

  saveDht(state: Uint8Array): Promise<DiskFault | undefined> {
    return this.#watch(this.#dht.write(state));
  }

  saveBans(bans: readonly Ban[]): Promise<DiskFault | undefined> {
    return this.#watch(this.#bans.write(toJson({ version: BANS_VERSION, bans })));
  }

  /** Before its first resume record. */
  saveTorrentFile(id: TorrentId, bytes: Uint8Array): Promise<DiskFault | undefined> {
    return this.#watch(this.#filesOf(id).metainfo.write(bytes));
  }

  /**
   * `written` has to be what is believed at the time of the call: pieces noted before it are forgotten, whether
   * it has them or not. A record of a torrent that was removed meanwhile is not kept.
   */
  async saveResume(record: NewResume): Promise<DiskFault | undefined> {
    const files = this.#torrents.get(record.id);
    if (!files) return undefined;
    const mark = files.journal.mark;
    const content = encodeResume({ ...record, savedAt: Date.now(), boot: bootName() });
    return this.#watch(
      files.resume.write(content).then((fault) => {
        if (fault) return fault;
        return files.journal.continueFrom(files.resume.generation, mark, record.isAtRest);
      }),
    );
  }

  /** A piece was written after the last record. Cheap: meant for every piece. */
  noteWritten(id: TorrentId, piece: PieceIndex): Promise<DiskFault | undefined> {
    const files = this.#torrents.get(id);
    return files ? this.#watch(files.journal.note(piece)) : Promise.resolve(undefined);
  }

  async removeTorrent(id: TorrentId): Promise<DiskFault | undefined> {
    const files = this.#torrents.get(id);
    if (!files) return undefined;
    this.#torrents.delete(id);
    return this.#watch(removeFiles(files));
  }

  /** Waits for what is being saved and gives the folder free. */
  async close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const files of this.#torrents.values()) await files.journal.close();
    await this.#unlock();
  }

  async #loadSettings(notices: string[]): Promise<SettingsChange> {
    const content = contentOf(await this.#settings.read(), "The settings", notices);
    if (!content) return {};
    const kept = parseJson(content);
    if (!isRecord(kept) || kept.version !== SETTINGS_VERSION || !isRecord(kept.settings)) {
      notices.push("The settings are in a form that this Peerscope does not know. The defaults are used.");
      return {};
    }
    const settings: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(kept.settings)) {
      const change = { kind: "change-settings", settings: { [key]: value } };
      const result = validateToEngine({ kind: "command", id: 0, command: change });
      if (result.ok) settings[key] = value;
      else notices.push(`The setting ${key} is not understood and was left out: ${result.fault}.`);
    }
    return settings;
  }

  async #loadBans(notices: string[]): Promise<Ban[]> {
    const content = contentOf(await this.#bans.read(), "The bans", notices);
    if (!content) return [];
    const kept = parseJson(content);
    if (!isRecord(kept) || kept.version !== BANS_VERSION || !Array.isArray(kept.bans)) {
      notices.push("The bans are in a form that this Peerscope does not know. Nobody is banned.");
      return [];
    }
    const bans = kept.bans.map(readBan).filter((ban) => ban !== undefined);
    const lost = kept.bans.length - bans.length;
    if (lost > 0) notices.push(`${lost} of ${kept.bans.length} bans are not understood and were left out.`);
    return bans;
  }

  async #loadTorrent(
    id: TorrentId,
    present: ReadonlySet<string>,
    boot: string,
    notices: string[],
  ): Promise<LoadedTorrent | undefined> {
    const files = this.#filesOf(id);
    const read = await files.metainfo.read();
    const file = contentOf(read, `The torrent ${id}`, notices);
    if (!file) {
      this.#torrents.delete(id);
      if (read.kind === "absent") {
        notices.push(`The torrent ${id} has lost its .torrent; what was kept of it is removed.`);
        await removeFiles(files);
      }
      return undefined;
    }
    const resume = await this.#loadResume(id, files, present, boot, notices);
    return resume ? { id, file, resume } : { id, file };
  }

  async #loadResume(
    id: TorrentId,
    files: TorrentFiles,
    present: ReadonlySet<string>,
    boot: string,
    notices: string[],
  ): Promise<KeptResume | undefined> {
    const read = await files.resume.read();
    const content = contentOf(read, `What was kept of the torrent ${id}`, notices);
    if (!content || read.kind !== "good") return undefined;
    const record = decodeResume(content);
    if (typeof record === "string" || record.id !== id) {
      const fault = typeof record === "string" ? record : `it is about ${record.id}`;
      notices.push(`What was kept of the torrent ${id} is not understood: ${fault}.`);
      return undefined;
    }
    const journal = present.has(`${id}.journal`) ? await files.journal.read() : undefined;
    const continues = journal?.generation === read.generation;
    return {
      ...record,
      journaled: journal && continues ? journal.pieces : [],
      doubtful: journal && !continues ? journal.pieces : [],
      aliveAt: Math.max(record.savedAt, journal?.writtenAt ?? 0),
      isSameBoot: isSameBoot(record.boot, boot),
      // With pieces after it, it was not the last word.
      isAtRest: record.isAtRest && (journal?.pieces.length ?? 0) === 0,
    };
  }

  #filesOf(id: TorrentId): TorrentFiles {
    let files = this.#torrents.get(id);
    if (!files) {
      files = {
        metainfo: new AtomicFile(join(this.folder, `${id}.metainfo`)),
        resume: new AtomicFile(join(this.folder, `${id}.resume`)),
        journal: new PieceJournal(join(this.folder, `${id}.journal`)),
      };
      this.#torrents.set(id, files);
    }
    return files;
  }

  #watch<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const settled = () => this.#underWay.delete(work);
    work.then(settled, settled);
    return work;
  }
}

/**
 * Makes the folder when it is absent and takes it for this process.
 * @throws StateFolderTaken when another engine uses it; the system's error when it can't be made.
 */
export async function openStateStore(folder: string): Promise<StateStore> {
  return new StateStore(folder, await lockStateFolder(folder));
}

/** The .torrent first: what is left without one is no torrent any more. */
async function removeFiles(files: TorrentFiles): Promise<DiskFault | undefined> {
  const faults = [await files.metainfo.remove(), await files.resume.remove(), await files.journal.remove()];
  return faults.find((fault) => fault !== undefined);
}

/** @returns Undefined when there is nothing to believe. What was passed over is noted. */
function contentOf(read: AtomicRead, subject: string, notices: string[]): Uint8Array | undefined {
  if (read.kind === "absent") return undefined;
  if (read.kind === "lost") notices.push(`${subject} could not be read: ${read.damage}.`);
  else if (read.damage !== undefined) notices.push(`${subject}: the generation before was taken: ${read.damage}.`);
  return read.kind === "good" ? read.content : undefined;
}

function toJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export { StateFolderTaken } from "./state-lock.ts";
