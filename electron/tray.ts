import { Menu, nativeImage, Tray } from "electron";
import { type SessionSummary, summaryWords } from "./session-watch.ts";
import icon from "./tray.png?inline";
import { words } from "./words.ts";

export interface TrayChoices {
  readonly show: () => void;
  readonly quit: () => void;
}

/** The icon beside the clock: the rates on hover, the window on a click, and quit. */
export class SessionTray {
  readonly #tray = new Tray(nativeImage.createFromDataURL(icon));

  readonly #choices: TrayChoices;

  constructor(choices: TrayChoices) {
    this.#choices = choices;
    this.#tray.setToolTip("Peerscope");
    this.#tray.on("click", choices.show);
    this.translate();
  }

  /** Another language is spoken. */
  translate(): void {
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: words.show, click: this.#choices.show },
        { type: "separator" },
        { label: words.quit, click: this.#choices.quit },
      ]),
    );
  }

  say(summary: SessionSummary): void {
    this.#tray.setToolTip(summaryWords(summary));
  }
}
