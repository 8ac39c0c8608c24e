import type { Words } from "../english.ts";

export const table: Words["table"] = {
  columns: "Spalten",
  chooseColumns: "Spalten auswählen",
  columnMenu: (column) => `Spalte ${column}`,
  fit: "Breite anpassen",
  moveLeft: "Nach links",
  moveRight: "Nach rechts",
  hide: "Diese Spalte ausblenden",
  enter: "Eingabe",
  reset: "Ursprüngliche Spalten",
  resize: "Ziehen ändert die Breite, Doppelklick passt sie an",
  headKeys: "Eingabe sortiert, Umschalt und Pfeile ändern die Breite, Strg und Pfeile verschieben, F2 passt an.",
};
