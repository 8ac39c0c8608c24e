import { contextBridge, ipcRenderer, webUtils } from "electron";
import { CHANNELS, isPortMessage, PORT_MESSAGE } from "./channels.ts";

/** Runs sandboxed beside the page. The page gets these functions and nothing of Electron itself. */
contextBridge.exposeInMainWorld("peerscope", {
  platform: "desktop",
  /** Where a dropped or chosen file is. */
  pathForFile: (file: File): string => webUtils.getPathForFile(file),
  chooseTorrentFiles: (): Promise<string[]> => ipcRenderer.invoke(CHANNELS.invoke.chooseTorrentFiles),
  chooseFolder: (current: string): Promise<string | undefined> =>
    ipcRenderer.invoke(CHANNELS.invoke.chooseFolder, current),
  openFolder: (torrentId: string, filePath?: string): Promise<void> =>
    ipcRenderer.invoke(CHANNELS.invoke.openFolder, torrentId, filePath),
  saveTorrentFile: (name: string, bytes: Uint8Array): Promise<boolean> =>
    ipcRenderer.invoke(CHANNELS.invoke.saveTorrentFile, name, bytes),
  speak: (language: string): void => ipcRenderer.send(CHANNELS.tell.language, language),
  onOpenTorrents: (callback: (opened: string[]) => void): void => {
    // The event stays here: it would carry ipcRenderer to the page.
    ipcRenderer.on(CHANNELS.push.openTorrents, (_event, opened: string[]) => callback(opened));
    listens = true;
    wantTorrents();
  },
});

// Torrents come when somebody listens and the engine, which reads them, is reached.
let listens = false;
let reachesEngine = false;
function wantTorrents(): void {
  if (listens && reachesEngine) ipcRenderer.send(CHANNELS.tell.wantTorrents);
}
window.addEventListener("message", ({ source, data }: MessageEvent<unknown>) => {
  if (source !== window || !isPortMessage(data)) return;
  reachesEngine = true;
  wantTorrents();
});

// A port can't cross contextBridge; a message event of the window carries it.
ipcRenderer.on(CHANNELS.push.engine, (event) => {
  window.postMessage(PORT_MESSAGE, window.location.origin, [...event.ports]);
});
// By then the page's own scripts have run, and listen.
window.addEventListener("load", () => ipcRenderer.send(CHANNELS.tell.wantEngine));
