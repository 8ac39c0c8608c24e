import type { Words } from "../english.ts";

export const log: Words["log"] = {
  list: "Protokoll",
  time: "Zeit",
  kind: "Art",
  text: "Was geschah",
  kindsShown: "Gezeigte Arten",
  all: "Alle",
  nothing: "Noch ist nichts geschehen.",
  kinds: {
    added: "Hinzugefügt",
    checking: "Prüfung",
    checked: "Geprüft",
    started: "Gestartet",
    paused: "Angehalten",
    tracker: "Tracker",
    "piece-failed": "Fehlerhaftes Teil",
    done: "Fertig",
    fault: "Störung",
    error: "Fehler",
    note: "Hinweis",
  },
};
