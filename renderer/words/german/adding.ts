import type { Words } from "../english.ts";
import { count, countOf } from "./numbers.ts";

export const adding: Words["adding"] = {
  reading: "Wird gelesen…",
  looking: "Der Torrent wird angesehen.",
  cantBeAdded: (label) => `${label} lässt sich nicht hinzufügen`,
  thisCantBeAdded: "Das lässt sich nicht hinzufügen",
  next: "Weiter",
  skip: "Überspringen",
  merge: "Zusammenführen",
  more: (n) => `Danach ${countOf(n, "weiterer Torrent", "weitere Torrents")}`,
  already: "Dieser Torrent ist schon in der Liste.",
  alreadyNoTracker: "Ihn noch einmal hinzuzufügen ändert nichts: Er nennt keinen Tracker.",
  alreadyMerges: (trackers) =>
    `Beim erneuten Hinzufügen ${trackers === 1 ? "kommt" : "kommen"} ${countOf(trackers, "Tracker", "Tracker")} zu den vorhandenen; sonst ändert sich nichts.`,
  mergedNone: "Er ist schon in der Liste und hat alle diese Tracker.",
  merged: (n) => `Er ist schon in der Liste: ${countOf(n, "neuer Tracker wurde", "neue Tracker wurden")} hinzugefügt.`,
  startAtOnce: "Sofort starten",
  saveIn: "Speichern in",
  free: (bytes) => `${bytes} frei`,
  needed: (needed, free) => `${needed} nötig, ${free} frei`,
  tooLittle: (needed, free) => `Zu wenig Platz: ${needed} nötig, ${free} frei.`,
  toBeSaved: (needed, folder) => `${needed} werden in ${folder} gespeichert.`,
  toBeSavedWithRoom: (needed, folder, free) => `${needed} werden in ${folder} gespeichert, ${free} frei.`,
  summary: (size, files, pieces, pieceLength, trackers) =>
    `${size} in ${countOf(files, "Datei", "Dateien")} · ${countOf(pieces, "Teil", "Teile")} zu ${pieceLength} · ${countOf(trackers, "Tracker", "Tracker")}`,
  private: "privat",

  download: "Herunterladen",
  downloadAll: "Alle Dateien herunterladen",
  files: "Dateien",
  filesToDownload: "Herunterzuladende Dateien",
  someOf: (n, files) => `${count(n)} von ${countOf(files, "Datei", "Dateien")}`,
  filesKnown: (size, files) =>
    `${size} in ${countOf(files, "Datei", "Dateien")} · jetzt ist bekannt, wofür der Magnet-Link steht`,
  later: "Später",

  magnet: (trackers) => `Magnet-Link · ${countOf(trackers, "Tracker", "Tracker")}`,
  magnetMeaning:
    "Ein Magnet-Link nennt einen Torrent und sonst nichts: Dateien und Größe kommen von den ersten gefundenen Peers.",
  versions: { v2: "v2", hybrid: "v1 und v2" },
  trackers: "Tracker",
  noTrackers: "Keine: Seine Peers werden in der DHT und im lokalen Netz gesucht.",
  chooseLater: "Dateien auswählen, sobald sie bekannt sind",
  thisMagnet: "Dieser Magnet-Link",
  magnetNamed: (hash) => `Magnet-Link ${hash}…`,

  give: "Gefragt ist ein Magnet-Link oder der Pfad oder die Adresse einer .torrent-Datei.",
  badUrl: "Diese Adresse ist keine gültige URL.",
  onlyHttp: "Nur http- und https-Adressen lassen sich abrufen.",
  neither: "Das ist weder ein Magnet-Link noch eine http(s)-Adresse noch der volle Pfad einer .torrent-Datei.",
  badFileUrl: "Diese Datei-Adresse ist keine gültige URL.",
  badEscape: "In dieser Datei-Adresse steht eine fehlerhafte Maskierung.",
  magnetBegins: "Ein Magnet-Link beginnt mit magnet:?",
  magnetTooLong: (most) => `Dieser Magnet-Link ist länger als ${count(most)} Zeichen.`,
  fileTooLarge: (size, most) =>
    `Sie ist ${size} groß; eine .torrent-Datei hat höchstens ${most}. Ist es der Inhalt selbst?`,
  fileEmpty: "Sie ist leer.",
  noFileDialog: "Der Dateidialog ging nicht auf",
};
