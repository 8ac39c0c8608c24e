import { BrowserWindow, Notification, powerSaveBlocker } from "electron";
import type { TorrentView } from "../core/contract/views.ts";
import type { SessionSummary } from "./session-watch.ts";
import { SessionTray, type TrayChoices } from "./tray.ts";
import { words } from "./words.ts";

/** What the system shows of the session outside the window: tray, task bar, notifications, and staying awake. */
export class SessionDisplay {
  readonly #show: () => void;
  readonly #tray: SessionTray;
  /** While something downloads the system does not suspend by itself. */
  #awake: number | undefined;

  constructor(choices: TrayChoices) {
    this.#show = choices.show;
    this.#tray = new SessionTray(choices);
  }

  say(summary: SessionSummary): void {
    this.#tray.say(summary);
    for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(summary.progress ?? -1);
    this.#stayAwake(summary.downloading > 0);
  }

  /** Another language is spoken. */
  translate(): void {
    this.#tray.translate();
  }

  completed(torrent: TorrentView): void {
    if (BrowserWindow.getFocusedWindow() !== null || !Notification.isSupported()) return;
    const notification = new Notification({ title: words.complete, body: torrent.name, silent: true });
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
