import type { DetailUpdate, Update } from "../../contract/messages.ts";
import type { TorrentPreview, TorrentView } from "../../contract/views.ts";
import type { TorrentId } from "../../model/info-hash.ts";
import type { Millis } from "../../model/units.ts";
import { type EngineClient, PeerMirror } from "./engine-client.ts";
import type { Reporter } from "./reporter.ts";

/** The pace of progress. */
const PROGRESS_EVERY: Millis = 1000;

interface Download {
  readonly peers: PeerMirror;
  /** Told of a magnet link's torrent once it is known. */
  hasMetadata: boolean;
  /** Where it is as far as the command is concerned; a fault that is healed makes it go on. */
  outcome: "running" | "complete" | "failed";
}

/** The torrents of one command: what the engine tells of them becomes what the reporter is told. */
export class Downloads {
  /** Resolves when no torrent runs any more. */
  readonly allSettled: Promise<void>;
  /** Resolves when there is no torrent left that did not fail. */
  readonly allFailed: Promise<void>;
  readonly #client: EngineClient;
  readonly #reporter: Reporter;
  readonly #downloads = new Map<TorrentId, Download>();
  #refused = 0;
  #hasBegun = false;
  #timer: NodeJS.Timeout | undefined;
  #settle: () => void = () => {};
  #fail: () => void = () => {};

  constructor(client: EngineClient, reporter: Reporter) {
    this.#client = client;
    this.#reporter = reporter;
    this.allSettled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.allFailed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    client.onUpdate = (update) => this.#updated(update);
  }

  get areComplete(): boolean {
    return this.#refused === 0 && [...this.#downloads.values()].every(({ outcome }) => outcome === "complete");
  }

  /** From now on the torrent is watched. Naming it twice is naming it once. */
  add(id: TorrentId, preview: TorrentPreview, source: string): void {
    const view = this.#client.torrents.get(id);
    if (view === undefined || this.#downloads.has(id)) return;
    this.#downloads.set(id, { peers: new PeerMirror(), hasMetadata: view.pieceCount > 0, outcome: "running" });
    this.#reporter.added(view, preview, source, this.#client.session?.listenPort);
    this.#client.watch([...this.#downloads.keys()].map((torrent) => ({ torrent, parts: ["peers", "log"] })));
    this.#timer ??= setInterval(() => this.#tick(), PROGRESS_EVERY);
    this.#judge();
  }

  refuse(source: string, words: string): void {
    this.#refused++;
    this.#reporter.refused(source, words);
  }

  /** Every source was looked at: from now on all may be over. */
  begin(): void {
    this.#hasBegun = true;
    this.#judge();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#reporter.end(this.#views());
  }

  #views(): TorrentView[] {
    return [...this.#downloads.keys()].flatMap((id) => this.#client.torrents.get(id) ?? []);
  }

  #tick(): void {
    const views = this.#views();
    for (const view of views) if (view.state === "checking") this.#reporter.checking(view);
    this.#reporter.progress(views);
  }

  #updated(update: Update): void {
    for (const detail of update.details ?? []) this.#detailed(detail);
    this.#judge();
  }

  #detailed(detail: DetailUpdate): void {
    const view = this.#client.torrents.get(detail.torrent);
    const download = this.#downloads.get(detail.torrent);
    if (view === undefined || download === undefined) return;
    for (const entry of detail.log?.entries ?? []) {
      if (entry.kind === "piece-failed") this.#reporter.pieceFailed(view, entry);
      else if (entry.kind === "checking") this.#reporter.checking(view);
    }
    if (detail.peers === undefined) return;
    for (const peer of download.peers.apply(detail.peers)) this.#reporter.peer(view.id, peer);
    for (const gone of detail.peers.gone) this.#reporter.peerClosed(view.id, gone);
  }

  /** Follows every torrent's state, and sees whether all is over. */
  #judge(): void {
    for (const [id, download] of this.#downloads) {
      const view = this.#client.torrents.get(id);
      if (view === undefined) continue;
      if (!download.hasMetadata && view.pieceCount > 0) {
        download.hasMetadata = true;
        this.#reporter.metadata(view);
      }
      if (view.state === "seeding" && download.outcome !== "complete") {
        download.outcome = "complete";
        this.#reporter.done(view);
      } else if (view.state === "stopped-by-fault" && download.outcome !== "failed" && view.fault !== undefined) {
        download.outcome = "failed";
        this.#reporter.stopped(view, view.fault);
      } else if (view.state === "downloading") {
        download.outcome = "running";
      }
    }
    if (!this.#hasBegun) return;
    const outcomes = [...this.#downloads.values()].map(({ outcome }) => outcome);
    if (!outcomes.includes("running")) this.#settle();
    if (outcomes.every((outcome) => outcome === "failed")) this.#fail();
  }
}
