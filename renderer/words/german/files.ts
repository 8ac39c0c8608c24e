import type { Words } from "../english.ts";

export const files: Words["files"] = {
  list: "Dateien",
  wanted: "Gewünscht",
  name: "Name",
  progress: "Fortschritt",
  done: "Fertig",
  size: "Größe",
  downloadFile: (name) => `${name} herunterladen`,
  downloaded: "Heruntergeladen",
  priority: "Priorität",
  priorityOf: (name) => `Priorität von ${name}`,
  mixed: "Gemischt",
  wishes: { high: "Hoch", normal: "Normal", low: "Niedrig", skip: "Auslassen" },
  fold: "Zuklappen",
  unfold: "Aufklappen",
};
