import type { Words } from "../english.ts";

export const details: Words["details"] = {
  choose: "Einen Torrent auswählen, um seinen Schwarm zu sehen.",
  details: "Einzelheiten",
  tabs: {
    peers: "Peers",
    pieces: "Teile",
    files: "Dateien",
    trackers: "Tracker",
    log: "Protokoll",
    charts: "Verläufe",
  },
  private: "Privat",
  superSeeding: "Super-Seeding",
  free: (bytes) => `${bytes} frei`,
  resume: "Fortsetzen",
  filesUnknown: "Seine Dateien sind noch nicht bekannt: Ein Magnet-Link nennt einen Torrent und sonst nichts.",
  piecesUnknown: "Seine Teile sind noch nicht bekannt: Ein Magnet-Link nennt einen Torrent und sonst nichts.",
  resumeForMetadata: "Nach dem Fortsetzen werden seine Metadaten von Peers geholt.",
  sizeUnknown: "Peers werden es sagen; noch hat keiner die Größe der Metadaten genannt.",
  metadataCame: (received, size) => `Peers erzählen: Von ${size} Metadaten kamen bisher ${received}.`,
  filesKnown: "Seine Dateien sind jetzt bekannt.",
  pausedForFiles: "Er ist angehalten, bis ausgewählt ist, welche davon geladen werden.",
  chooseFiles: "Dateien auswählen…",
};
