import { writeFile } from "node:fs/promises";
import {
  BrowserWindow,
  dialog,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  MessageChannelMain,
  type OpenDialogOptions,
  type OpenDialogReturnValue,
  shell,
} from "electron";
import { CHANNELS, readFolderArgument, readOpenFolderArguments, readSaveArguments } from "./channels.ts";
import type { EngineLink } from "./engine-link.ts";
import { isOwnFrame } from "./guards.ts";
import type { OpenTorrents } from "./open-files.ts";
import { findShowing, type TorrentPlace } from "./torrent-folders.ts";
import { speak, words } from "./words.ts";

export interface PageServices {
  readonly engine: Pick<EngineLink, "connectPage">;
  readonly openTorrents: OpenTorrents;
  /** Where a torrent is, by the engine's own word. */
  readonly torrent: (id: string) => TorrentPlace | undefined;
  /** The page speaks another language: what the system shows shall, too. */
  readonly translate: () => void;
}

/** Answers what a page asks through its preload. Only the page itself is answered, and only well-formed asking. */
export function servePage({ engine, openTorrents, torrent, translate }: PageServices): void {
  answer(CHANNELS.invoke.chooseTorrentFiles, () => chooseTorrentFiles());
  answer(CHANNELS.invoke.chooseFolder, (current) => chooseFolder(readFolderArgument(current)));
  answer(CHANNELS.invoke.openFolder, (id, filePath) => {
    const asked = readOpenFolderArguments(id, filePath);
    return openFolder(torrent(asked.torrent), asked.filePath);
  });

  answer(CHANNELS.invoke.saveTorrentFile, (name, bytes) => {
    const asked = readSaveArguments(name, bytes);
    return saveTorrentFile(asked.name, asked.bytes);
  });

  hear(CHANNELS.tell.language, (_event, language) => {
    if (speak(language)) translate();
  });
  hear(CHANNELS.tell.wantEngine, ({ sender }) => {
    const { port1, port2 } = new MessageChannelMain();
    engine.connectPage(port1);
    sender.postMessage(CHANNELS.push.engine, null, [port2]);
  });
  hear(CHANNELS.tell.wantTorrents, ({ sender }) => {
    openTorrents.listen((opened) => sender.send(CHANNELS.push.openTorrents, opened));
    // A page that is loaded again or gone does not listen until it says so.
    const leave = () => {
      openTorrents.unlisten();
      sender.off("did-start-loading", leave);
      sender.off("destroyed", leave);
    };
    sender.on("did-start-loading", leave);
    sender.on("destroyed", leave);
  });
}

function answer(channel: string, handle: (...given: unknown[]) => Promise<unknown>): void {
  ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...given: unknown[]) => {
    if (!isOwnFrame(event.senderFrame)) throw new Error("only the page itself is answered");
    return handle(...given);
  });
}

function hear(channel: string, handle: (event: IpcMainEvent, given: unknown) => void): void {
  ipcMain.on(channel, (event, given: unknown) => {
    if (isOwnFrame(event.senderFrame)) handle(event, given);
  });
}

/** The system's dialog; none chosen gives none. */
export async function chooseTorrentFiles(): Promise<string[]> {
  const { filePaths } = await ask({
    title: words.openTorrents,
    properties: ["openFile", "multiSelections"],
    filters: [
      { name: words.torrents, extensions: ["torrent"] },
      { name: words.allFiles, extensions: ["*"] },
    ],
  });
  return filePaths;
}

/** As {@link chooseTorrentFiles}. */
export async function chooseRecording(): Promise<string[]> {
  const filters = [{ name: words.recordings, extensions: ["peerscope"] }];
  const { filePaths } = await ask({ title: words.openRecording, properties: ["openFile"], filters });
  return filePaths;
}

async function chooseFolder(current: string): Promise<string | undefined> {
  const { filePaths } = await ask({
    title: words.saveTo,
    defaultPath: current,
    properties: ["openDirectory", "createDirectory", "promptToCreate"],
  });
  return filePaths[0];
}

/** Written only where the user chose. @returns False when the user thought better of it. */
async function saveTorrentFile(name: string, bytes: Uint8Array): Promise<boolean> {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const options = {
    title: ending === "torrent" ? words.saveTorrent : words.save,
    defaultPath: name,
    filters: [{ name: ending === "torrent" ? words.torrents : `.${ending}`, extensions: [ending] }],
  };
  const window = ourWindow();
  const { canceled, filePath } = await (window === undefined
    ? dialog.showSaveDialog(options)
    : dialog.showSaveDialog(window, options));
  if (canceled || filePath === "") return false;
  await writeFile(filePath, bytes);
  return true;
}

function ourWindow(): BrowserWindow | undefined {
  return BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
}

function ask(options: OpenDialogOptions): Promise<OpenDialogReturnValue> {
  const window = ourWindow();
  return window === undefined ? dialog.showOpenDialog(options) : dialog.showOpenDialog(window, options);
}

async function openFolder(place: TorrentPlace | undefined, filePath: string | undefined): Promise<void> {
  if (place === undefined) throw new Error("there is no such torrent");
  const showing = await findShowing(place, filePath);
  if (showing.kind === "item") return shell.showItemInFolder(showing.path);
  const problem = await shell.openPath(showing.path);
  if (problem !== "") throw new Error(problem);
}
