import { BrowserWindow, Notification, powerSaveBlocker } from "electron";
import type { TorrentView } from "../core/contract/views.ts";
import type { SessionSummary } from "./session-watch.ts";
import { SessionTray } from "./tray.ts";

/** What the system shows of the session outside the window: tray, task bar, notifications, and staying awake. */
export class SessionDisplay {
  readonly #show: () => void;
  readonly #tray: SessionTray;
  /** While something downloads the system does not suspend by itself. */
  #awake: number | undefined;

  constructor(choices: { readonly show: () => void; readonly quit: () => void }) {
    this.#show = choices.show;
    this.#tray = new SessionTray(choices);
  }

  say(summary: SessionSummary): void {
    this.#tray.say(summary);
    for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(summary.progress ?? -1);
    this.#stayAwake(summary.downloading > 0);
  }

  completed(torrent: TorrentView): void {
    if (BrowserWindow.getFocusedWindow() !== null || !Notification.isSupported()) return;
    const notification = new Notification({ title: "Download complete", body: torrent.name, silent: true });
    notification.on("click", this.#show);
    notification.show();
  }

  #stayAwake(isWanted: boolean): void {
    if (isWanted) this.#awake ??= powerSaveBlocker.start("prevent-app-suspension");
    else if (this.#awake !== undefined) {
      powerSaveBlocker.stop(this.#awake);
      this.#awake = undefined;
    }
  }
}
