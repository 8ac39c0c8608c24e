import type { MenuItemConstructorOptions } from "electron";

/** What the system shows of Peerscope outside its page, in each language that the page speaks. */

type Role = NonNullable<MenuItemConstructorOptions["role"]>;

const ENGLISH = {
  locale: "en-US",
  file: "&File",
  openTorrent: "&Open Torrent…",
  takeMagnetLinks: "Open &Magnet Links with Peerscope",
  edit: "&Edit",
  view: "&View",
  window: "&Window",
  help: "&Help",
  /** Those that are missing go by the name that Electron gives them. */
  roles: {} as Partial<Record<Role, string>>,
  show: "Show Peerscope",
  quit: "Quit",
  openTorrents: "Open torrents",
  torrents: "Torrents",
  allFiles: "All files",
  saveTo: "Save to",
  saveTorrent: "Save torrent",
  openRecording: "Open recording",
  openRecordingItem: "Open &Recording…",
  recordings: "Recordings of Peerscope",
  save: "Save",
  complete: "Download complete",
  cantGoOn: "Peerscope can't go on",
  summary: (downloading: number, down: string, up: string) =>
    `Peerscope: ${downloading > 0 ? `${downloading} downloading, ` : ""}${down} down, ${up} up`,
};

const GERMAN: typeof ENGLISH = {
  locale: "de-DE",
  file: "&Datei",
  openTorrent: "Torrent ö&ffnen…",
  takeMagnetLinks: "&Magnet-Links mit Peerscope öffnen",
  edit: "&Bearbeiten",
  view: "&Ansicht",
  window: "&Fenster",
  help: "&Hilfe",
  roles: {
    about: "Über Peerscope",
    close: "Schließen",
    copy: "Kopieren",
    cut: "Ausschneiden",
    delete: "Löschen",
    minimize: "Minimieren",
    paste: "Einfügen",
    quit: "Beenden",
    redo: "Wiederholen",
    reload: "Neu laden",
    resetZoom: "Originalgröße",
    selectAll: "Alles auswählen",
    toggleDevTools: "Entwicklerwerkzeuge",
    togglefullscreen: "Vollbild",
    undo: "Rückgängig",
    zoomIn: "Vergrößern",
    zoomOut: "Verkleinern",
  },
  show: "Peerscope zeigen",
  quit: "Beenden",
  openTorrents: "Torrents öffnen",
  torrents: "Torrents",
  allFiles: "Alle Dateien",
  saveTo: "Speichern in",
  saveTorrent: "Torrent speichern",
  openRecording: "Aufzeichnung öffnen",
  openRecordingItem: "&Aufzeichnung öffnen…",
  recordings: "Aufzeichnungen von Peerscope",
  save: "Speichern",
  complete: "Download fertig",
  cantGoOn: "Peerscope kann nicht weitermachen",
  summary: (downloading, down, up) =>
    `Peerscope: ${downloading > 0 ? `${downloading} ${downloading === 1 ? "lädt" : "laden"}, ` : ""}Empfang ${down}, Versand ${up}`,
};

const LANGUAGES = { en: ENGLISH, de: GERMAN };

/** In the language that is spoken: look phrases up where they are used. */
export let words = ENGLISH;

/**
 * @param language - As a page named it, which nobody waits for: what is no language changes nothing.
 * @returns Whether it is spoken from now on.
 */
export function speak(language: unknown): boolean {
  if (typeof language !== "string" || !Object.hasOwn(LANGUAGES, language)) return false;
  words = LANGUAGES[language as keyof typeof LANGUAGES];
  return true;
}
