import type { Words } from "../english.ts";

export const torrentSettings: Words["torrentSettings"] = {
  title: "Einstellungen dieses Torrents",
  downLimit: "Grenze für den Empfang",
  upLimit: "Grenze für den Versand",
  rateUnit: "KiB/s",
  limitNote: "Innerhalb der Grenzen aller Torrents; 0: keine eigene",
  maxConnections: "Verbindungen",
  unchokeSlots: "Upload-Plätze",
  asSettings: "0: wie in den Einstellungen für alle Torrents",
  sequential: "Der Reihe nach",
  sequentialNote:
    "Teile kommen in der Reihenfolge des Torrents, die Enden der Dateien zuerst: Was abgespielt wird, kann bald beginnen. Dafür bekommen andere seltene Teile später.",
  files: "Dateien und Prioritäten",
  trackers: "Tracker",
};
