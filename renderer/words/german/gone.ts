import type { Words } from "../english.ts";
import { count } from "./numbers.ts";

export const gone: Words["gone"] = {
  when: "Wann",
  address: "Adresse",
  why: "Warum",
  by: "Wer entschied",
  flags: "Letzte Flags",
  got: "Erhalten",
  gave: "Gegeben",
  stayed: "Blieb",
  act: "Aktionen",

  chart: "Gezählt nach",
  byReason: "Grund",
  byClient: "Client",
  bySource: "Quelle",
  unknownClient: "Unbekannter Client",
  all: "Alle zeigen",
  noneFits: "Zur Auswahl passt niemand.",

  connectAgain: "Erneut verbinden",
  ban: "Sperren",
  liftBan: "Sperre aufheben",
  details: (address) => `Über ${address}`,
  close: "Schließen",
  sources: "Genannt von",
  connection: "Verbindung",
  code: "Code",
  left: "Gegangen",
  proof: "Beweis",
  falsePiece: (piece) =>
    `Die Prüfsumme von Teil ${count(piece)} war falsch, und jeder Block davon kam von diesem Peer.`,
  falseBlock: (block, piece) =>
    `Block ${count(block)} von Teil ${count(piece)} war nicht der, mit dem die Prüfsumme des Teils stimmte.`,
  hash: "Prüfsumme, die das Teil haben muss",
  sums: (gave, right) => `FNV-1a des Blocks: gegeben ${gave}, richtig ${right}`,

  bansLabel: "Gesperrte Peers",
  since: "Seit",
  who: "Wer",
  lift: "Aufheben",
  liftOf: (party) => `Sperre von ${party} aufheben`,
  nobodyBanned:
    "Niemand ist gesperrt. Gesperrt wird, wer nachweislich falsche Daten sendet oder von Hand ausgewählt wird.",
};
