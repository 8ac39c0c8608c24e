import type { StoreApi } from "zustand/vanilla";
import { MAX_TORRENT_FILE, type TorrentSource } from "../../core/contract/messages.ts";
import type { FolderView } from "../../core/contract/views.ts";
import type { TorrentId } from "../../core/model/info-hash.ts";
import { isMagnet, looksLikeSource, magnetName, typedSource } from "../format/source.ts";
import { formatBytes } from "../format/units.ts";
import { lastPart } from "../format/words.ts";
import type { EngineClient } from "../link/engine-client.ts";
import type { DesktopPlatform } from "../link/platform.ts";
import { say } from "../words/say.ts";
import { type Adding, type AppState, NOTHING_PICKED, type Offer } from "./app-state.ts";
import { errorWords, mergedWords, type Notify } from "./notices.ts";

/** What the user decided in the dialog. */
export interface AddChoice {
  readonly folder: string;
  /** Indexes into the preview's files; undefined: all. */
  readonly wantedFiles: readonly number[] | undefined;
  readonly paused: boolean;
  /** Of a magnet link: ask again when the files are known. */
  readonly asksForFiles?: boolean;
}

export interface AddingActions {
  /** Dropped or chosen files. */
  offerFiles(files: readonly File[]): void;
  /** What the system asks to open: paths of .torrent files, and magnet links. */
  offerOpened(opened: readonly string[]): void;
  /** A line that was typed: a path, an address or a magnet link. @returns What is wrong with it, if so. */
  offerText(text: string): string | undefined;
  /** Pasted or dropped text, one torrent a line, which may have nothing to do with us. @returns Whether it had. */
  offerPasted(text: string): boolean;
  /** The system's dialog on the desktop; `undefined` in a browser, where the page must open its own. */
  chooseTorrents(): Promise<boolean>;
  dismiss(adding: number): void;
  /** @returns What went wrong, for the dialog. */
  confirm(adding: number, choice: AddChoice): Promise<string | undefined>;
  lookAtFolder(path: string): Promise<FolderView>;
}

/** The queue of torrents that the user is asked about, one after the other. */
export function addingActions(
  store: StoreApi<AppState>,
  client: Pick<EngineClient, "command">,
  notify: Notify,
  desktop: DesktopPlatform | undefined,
): AddingActions {
  let nextId = 1;

  function offer({ label, read }: Offer): void {
    const id = nextId++;
    store.setState(({ adding }) => ({ adding: [...adding, { id, label, step: { kind: "reading" } }] }));
    read()
      .then((source) => client.command({ kind: "preview", source }))
      .then(
        (preview) => step(id, { kind: "ready", preview }),
        (error: unknown) => step(id, { kind: "refused", why: errorWords(error) }),
      );
  }

  /** Nothing happens when the user dismissed it meanwhile. */
  function step(id: number, next: Adding["step"]): void {
    store.setState(({ adding }) => ({
      adding: adding.map((item) => (item.id === id ? { ...item, step: next } : item)),
    }));
  }

  function dismiss(id: number): void {
    store.setState(({ adding }) => ({ adding: adding.filter((item) => item.id !== id) }));
  }

  /** The reply may come before the update that lists the torrent. */
  function select(torrent: TorrentId): void {
    const isListed = store.getState().engine.torrents.has(torrent);
    store.setState(isListed ? { selected: torrent, ...NOTHING_PICKED } : { awaited: torrent });
  }

  function offerPath(path: string): void {
    offer({ label: lastPart(path), read: () => Promise.resolve({ from: "path", path }) });
  }

  function offerText(text: string): string | undefined {
    const typed = typedSource(text);
    if (typed.kind === "refused") return typed.why;
    const { source } = typed;
    offer({ label: labelOf(source), read: () => Promise.resolve(source) });
    return undefined;
  }

  function offerLine(line: string): void {
    const fault = offerText(line);
    if (fault !== undefined) notify("error", say.adding.thisCantBeAdded, fault);
  }

  return {
    dismiss,
    offerText,
    offerOpened(opened) {
      for (const one of opened) {
        if (isMagnet(one)) offerLine(one);
        else offerPath(one);
      }
    },
    offerFiles(files) {
      for (const file of files) offer({ label: file.name, read: () => readFile(file, desktop) });
    },
    offerPasted(text) {
      const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
      if (lines.length === 0 || lines.length > MAX_LINES || !lines.every(looksLikeSource)) return false;
      for (const line of lines) offerLine(line);
      return true;
    },
    async chooseTorrents() {
      if (desktop === undefined) return false;
      try {
        for (const path of await desktop.chooseTorrentFiles()) offerPath(path);
      } catch (error) {
        notify("error", say.adding.noFileDialog, errorWords(error));
      }
      return true;
    },
    async confirm(id, { folder, wantedFiles, paused, asksForFiles = false }) {
      const item = store.getState().adding.find((candidate) => candidate.id === id);
      if (item?.step.kind !== "ready") return undefined;
      const { token, name } = item.step.preview;
      try {
        const reply = await client.command({
          kind: "add",
          token,
          folder,
          paused,
          asksForFiles,
          ...(wantedFiles === undefined ? {} : { wantedFiles: [...wantedFiles] }),
        });
        dismiss(id);
        select(reply.torrent);
        if (reply.mergedTrackers !== undefined) notify("done", name, mergedWords(reply.mergedTrackers));
        return undefined;
      } catch (error) {
        return errorWords(error);
      }
    },
    lookAtFolder: (path) => client.command({ kind: "look-at-folder", path }),
  };
}

/** More torrents than these are not pasted on purpose. */
const MAX_LINES = 50;

/** As the user knows it. */
function labelOf(source: TorrentSource): string {
  if (source.from === "magnet") return magnetName(source.link);
  return source.from === "url" ? lastPart(source.url) : source.from === "path" ? lastPart(source.path) : "";
}

/** A path where the system tells one, so the file is read once and by the engine; else its bytes. */
async function readFile(file: File, desktop: DesktopPlatform | undefined): Promise<TorrentSource> {
  const path = desktop?.pathForFile(file) ?? "";
  if (path !== "") return { from: "path", path };
  if (file.size > MAX_TORRENT_FILE) {
    throw new Error(say.adding.fileTooLarge(formatBytes(file.size), formatBytes(MAX_TORRENT_FILE)));
  }
  if (file.size === 0) throw new Error(say.adding.fileEmpty);
  return { from: "bytes", bytes: new Uint8Array(await file.arrayBuffer()) };
}
