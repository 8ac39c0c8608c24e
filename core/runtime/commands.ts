import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { resolve } from "node:path";
import type { AddedReply, Command, SettingsChange } from "../contract/messages.ts";
import type { TorrentPreview } from "../contract/views.ts";
import { trackerSupport } from "../discovery/announce-url.ts";
import type { Metainfo, TorrentFile } from "../metainfo/metainfo.ts";
import { Bitfield } from "../model/bitfield.ts";
import type { DhtView } from "../model/dht-view.ts";
import { type Endpoint, normalHost } from "../model/endpoint.ts";
import { type TorrentId, torrentId } from "../model/info-hash.ts";
import type { Timestamp } from "../model/units.ts";
import type { Session } from "../session/session.ts";
import type { Torrent } from "../session/torrent.ts";
import { exportTorrent } from "../session/torrent-export.ts";
import type { TrackerEdit } from "../session/tracker-edit.ts";
import { lookAtFolder } from "./folder.ts";
import type { History } from "./history.ts";
import type { FetchOptions } from "./http/fetch-limited.ts";
import { CommandFault, type Preview, Previews } from "./previews.ts";
import type { Recordings } from "./recordings.ts";
import type { TorrentKeeper } from "./torrent-keeper.ts";

/** What commands need of the engine around them. */
interface CommandHost {
  now(): Timestamp;
  changeSettings(change: SettingsChange): Promise<void>;
  /** How a .torrent is fetched. */
  fetching(): FetchOptions;
  /** Undefined while the DHT is off. */
  viewDht(): DhtView | undefined;
  readonly recordings: Recordings;
  readonly history: History;
  /** A magnet link names these peers, some by names. */
  findNamed(torrent: Torrent, peers: readonly Endpoint[]): void;
  /** Something may be due now. */
  wake(): void;
}

/** Files that are not padding, as previews list them, each with its index in the torrent. */
function shownFiles(metainfo: Metainfo): [index: number, file: TorrentFile][] {
  return metainfo.files.flatMap((file, index): [number, TorrentFile][] => (file.isPadding ? [] : [[index, file]]));
}

/** Does what interfaces ask. A command that can't be done rejects with a CommandFault. */
export class Commands {
  readonly #session: Session;
  readonly #keeper: TorrentKeeper;
  readonly #host: CommandHost;
  readonly #previews = new Previews();

  constructor(session: Session, keeper: TorrentKeeper, host: CommandHost) {
    this.#session = session;
    this.#keeper = keeper;
    this.#host = host;
  }

  async execute(command: Command): Promise<unknown> {
    const now = this.#host.now();
    switch (command.kind) {
      case "preview":
        return this.#preview(await this.#previews.look(command.source, this.#host.fetching()));
      case "look-at-folder":
        return lookAtFolder(command.path);
      case "add":
        return this.#add(command);
      case "export":
        return exportTorrent(this.#torrent(command.torrent));
      case "pause":
        return this.#torrent(command.torrent).pause(now);
      case "resume":
        this.#torrent(command.torrent).resume(now);
        return this.#host.wake();
      case "remove":
        return this.#remove(this.#torrent(command.torrent), command.withData);
      case "recheck":
        return this.#torrent(command.torrent).recheck(now);
      case "announce":
        this.#torrent(command.torrent).announceNow(now, command.tracker);
        return this.#host.wake();
      case "edit-trackers":
        return this.#editTrackers(this.#torrent(command.torrent), command.edit);
      case "want-files":
        return this.#torrent(command.torrent).wantFiles(command.files, command.wanted, now);
      case "prioritise-files":
        return this.#torrent(command.torrent).prioritise(command.files, command.priority);
      case "change-torrent":
        return this.#torrent(command.torrent).change(command.change);
      case "add-peer":
        return this.#addPeer(this.#torrent(command.torrent), command.host, command.port);
      case "super-seed":
        return this.#torrent(command.torrent).superSeed(command.on, now);
      case "limit":
        return this.#limit(command);
      case "disconnect":
        if (this.#torrent(command.torrent).disconnect(command.peer, now)) return;
        throw new CommandFault(`peer ${command.peer} is gone already`);
      case "ban":
        if (this.#session.banPeer(this.#torrent(command.torrent), command.peer, now)) return;
        throw new CommandFault(`peer ${command.peer} is not known any more, or banned already`);
      case "look-at-history":
        return this.#host.history.view(command.torrent, command.span, command.since ?? 0);
      case "start-recording":
        return this.#host.recordings.start(this.#torrent(command.torrent), command.peer, command.folder);
      case "stop-recording":
        return this.#host.recordings.stop(this.#torrent(command.torrent));
      case "read-recording":
        return this.#host.recordings.read(command.path, command.offset);
      case "look-at-dht":
        return this.#host.viewDht();
      case "list-bans":
        return this.#session.bans.list().reverse();
      case "lift-ban":
        if (this.#session.liftBan(command.party)) return this.#host.wake();
        throw new CommandFault(`${command.party} is not banned`);
      case "change-settings":
        return this.#host.changeSettings(command.settings as SettingsChange);
    }
  }

  #torrent(id: TorrentId): Torrent {
    const torrent = this.#session.torrents.get(id);
    if (torrent === undefined) throw new CommandFault(`there is no torrent ${id} here`);
    return torrent;
  }

  async #preview({ token, metainfo }: Preview): Promise<TorrentPreview> {
    const id = torrentId(metainfo.infoHash);
    const files = shownFiles(metainfo).map(([, { path, length }]) => ({ path: path.join("/"), length }));
    return {
      token,
      isMagnet: metainfo.magnet !== undefined,
      id,
      infoHash: metainfo.infoHash,
      name: metainfo.name,
      bytesTotal: files.reduce((sum, file) => sum + file.length, 0),
      pieceLength: metainfo.pieceLength,
      pieceCount: metainfo.pieceCount,
      files,
      trackers: metainfo.trackerTiers.flat(),
      isPrivate: metainfo.isPrivate,
      ...(metainfo.comment === undefined ? {} : { comment: metainfo.comment }),
      warnings: metainfo.warnings,
      folder: await lookAtFolder(this.#session.settings.downloadFolder),
      isAdded: this.#session.torrents.has(id),
    };
  }

  async #add(command: Extract<Command, { kind: "add" }>): Promise<AddedReply> {
    const preview = this.#previews.find(command.token);
    if (preview === undefined) throw new CommandFault("this torrent was looked at too long ago; open it again");
    this.#previews.forget(command.token);
    const { metainfo, bytes } = preview;
    const id = torrentId(metainfo.infoHash);
    const now = this.#host.now();
    const present = this.#session.torrents.get(id);
    if (present !== undefined) {
      const mergedTrackers = present.mergeTrackers(metainfo.trackerTiers, now);
      if (metainfo.magnet === undefined) present.takeMetadata(bytes, now);
      else this.#host.findNamed(present, metainfo.magnet.peers);
      this.#host.wake();
      return { torrent: id, mergedTrackers };
    }
    const wanted = command.wantedFiles === undefined ? undefined : new Set(command.wantedFiles);
    const unwantedFiles = shownFiles(metainfo).flatMap(([index], shown) =>
      wanted?.has(shown) === false ? [index] : [],
    );
    const torrent = await this.#keeper.add(
      {
        metainfo,
        folder: resolve(command.folder),
        addedAt: now,
        isPaused: command.paused === true,
        unwantedFiles,
        downloaded: 0,
        uploaded: 0,
        wasted: 0,
        extraTrackers: [],
        verified: new Bitfield(metainfo.pieceCount),
        unchecked: Bitfield.full(metainfo.pieceCount),
        knownPeers: [],
        asksForFiles: metainfo.magnet !== undefined && command.asksForFiles === true,
      },
      bytes,
      now,
    );
    this.#host.findNamed(torrent, metainfo.magnet?.peers ?? []);
    torrent.note("added", `Added, to be saved in ${torrent.folder}.`);
    if (command.paused !== true) torrent.resume(now);
    this.#host.wake();
    return { torrent: id };
  }

  async #remove(torrent: Torrent, withData: boolean): Promise<void> {
    this.#session.remove(torrent, this.#host.now());
    this.#host.wake();
    const fault = await this.#keeper.remove(torrent, withData);
    if (fault !== undefined) throw new CommandFault(`${fault.path}: ${fault.cause}. ${fault.advice}`);
  }

  async #addPeer(torrent: Torrent, host: string, port: number): Promise<void> {
    let address = host;
    if (isIP(host) === 0) {
      if (this.#host.fetching().proxy !== undefined) {
        throw new CommandFault(`${host}: with a proxy no name is looked up here; name the peer by its address`);
      }
      try {
        address = (await lookup(host)).address;
      } catch (error) {
        throw new CommandFault(`${host}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (this.#session.filter.blocks(address)) throw new CommandFault(`${address} is in the address filter`);
    if (this.#session.blocksPort(port)) throw new CommandFault(`port ${port} is in the port filter`);
    const ban = this.#session.addPeer(torrent, { host: normalHost(address), port });
    if (ban !== undefined) throw new CommandFault(`${ban.party} is banned: ${ban.evidence}. Lift the ban first.`);
    this.#host.wake();
  }

  #editTrackers(torrent: Torrent, edit: TrackerEdit): void {
    const named = edit.kind === "add" ? edit.urls : edit.kind === "replace" ? [edit.by] : [];
    for (const url of named) {
      const support = trackerSupport(url);
      if (support.kind === "unsupported") throw new CommandFault(`${url}: ${support.words}`);
    }
    if (torrent.editTrackers(edit, this.#host.now())) return;
    throw new CommandFault(edit.kind === "remove" ? `${edit.url} is gone already` : "the torrent has it already");
  }

  #limit({ torrent: id, peer, downLimit, upLimit }: Extract<Command, { kind: "limit" }>): void {
    const torrent = this.#torrent(id);
    if (peer === undefined) torrent.limit(downLimit, upLimit);
    else if (!torrent.limitPeer(peer, downLimit, upLimit)) throw new CommandFault(`peer ${peer} is gone already`);
  }
}
