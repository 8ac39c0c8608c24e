/**
 * What the desktop's preload gives the page as `window.peerscope`. The page's only way out of its sandbox besides
 * the engine's port; each function is checked again on the other side. Absent in a browser.
 *
 * The engine's port comes apart from this: `window.postMessage({ kind: "peerscope-port" }, origin, [port])`,
 * on load and again whenever the engine was restarted.
 */
export interface DesktopPlatform {
  readonly platform: "desktop";
  /** The path of a dropped or chosen file; empty when it has none (made by a script). */
  pathForFile(file: File): string;
  /** The system's dialog for .torrent files; empty when the user thought better of it. */
  chooseTorrentFiles(): Promise<string[]>;
  /** The system's dialog for a folder, beginning at `current`; undefined when the user thought better of it. */
  chooseFolder(current: string): Promise<string | undefined>;
  /** Shows a torrent's folder, or one of its files, in the system's file manager. */
  openFolder(torrentId: string, filePath?: string): Promise<void>;
  /**
   * The system's dialog for saving a .torrent, and the file written there.
   * @returns False when the user thought better of it.
   */
  saveTorrentFile(name: string, bytes: Uint8Array): Promise<boolean>;
  /** The page speaks this language (a key of LANGUAGES): the system's menus and dialogs follow. */
  speak(language: string): void;
  /** Paths and magnet links that the system asks to open: file association, `magnet:`, second instance, dock. */
  onOpenTorrents(callback: (opened: string[]) => void): void;
}

declare global {
  interface Window {
    readonly peerscope?: DesktopPlatform;
  }
}
