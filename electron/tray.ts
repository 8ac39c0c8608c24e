import { Menu, nativeImage, Tray } from "electron";
import { type SessionSummary, summaryWords } from "./session-watch.ts";
import icon from "./tray.png?inline";

/** The icon beside the clock: the rates on hover, the window on a click, and quit. */
export class SessionTray {
  readonly #tray = new Tray(nativeImage.createFromDataURL(icon));

  constructor(choices: { readonly show: () => void; readonly quit: () => void }) {
    this.#tray.setToolTip("Peerscope");
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: "Show Peerscope", click: choices.show },
        { type: "separator" },
        { label: "Quit", click: choices.quit },
      ]),
    );
    this.#tray.on("click", choices.show);
  }

  say(summary: SessionSummary): void {
    this.#tray.setToolTip(summaryWords(summary));
  }
}
