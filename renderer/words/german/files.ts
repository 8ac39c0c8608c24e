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
  fold: "Zuklappen",
  unfold: "Aufklappen",
};
