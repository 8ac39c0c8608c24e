import type { Words } from "../english.ts";
import { count, countOf } from "./numbers.ts";

const ONLY = "der einzige verbundene Peer";
const share = (n: number, of: number): string => (of === 1 ? ONLY : `${count(n)} von ${count(of)} Peers`);

export const explanation: Words["explanation"] = {
  noPeer: "noch ist kein Peer bekannt",
  nobody: "niemand ist verbunden",
  choking: (n, of) => `${share(n, of)} ${n === 1 ? "drosselt" : "drosseln"} uns`,
  snubbing: (n) => countOf(n, "lässt unsere Anfragen liegen", "lassen unsere Anfragen liegen"),
  owing: (n) => countOf(n, "schuldet uns Blöcke", "schulden uns Blöcke"),
  useless: (n, of) =>
    of === 1 ? `${ONLY} hat nichts, was wir brauchen` : `${countOf(n, "hat", "haben")} nichts, was wir brauchen`,
  nowhere: (n) => `${countOf(n, "Teil gibt", "Teile gibt")} es nirgends: wir warten auf einen Seed`,
  connecting: (n) => countOf(n, "verbindet sich noch", "verbinden sich noch"),
  queued: (n) => countOf(n, "wartet darauf, angewählt zu werden", "warten darauf, angewählt zu werden"),
  noneWants: (of) => (of === 1 ? `${ONLY} will nichts von uns` : `von ${count(of)} Peers will keiner etwas von uns`),
  asksNothing: (n, of) =>
    `${share(n, of)} ${n === 1 ? "darf fragen und fragt" : "dürfen fragen und fragen"} nach nichts`,
  waiting: (n) => countOf(n, "wartet auf einen Platz", "warten auf einen Platz"),
  noMetadata: (open) =>
    open === 1
      ? "1 Peer verbunden, er hat die Metadaten nicht angeboten"
      : `${count(open)} Peers verbunden, keiner hat die Metadaten angeboten`,
  peer: {
    toldNothing: "er hat nicht gesagt, was er hat",
    nothingWeNeed: "er hat nichts, was wir brauchen",
    chokes: "er drosselt uns: wir warten auf einen Platz unter denen, die er bedient",
    snubbed: "er lässt unsere Anfragen liegen und wird nur nach je einem Block gefragt",
    parole: "er ist auf Bewährung und bekommt ganze Teile für sich, wenn es welche gibt",
    owes: (blocks) => `er schuldet uns ${countOf(blocks, "Block", "Blöcke")}`,
    askedElsewhere: "was er von dem hat, das wir brauchen, ist schon bei anderen angefragt",
    wantsNothing: "er will nichts von uns",
    weChoke: "wir drosseln ihn: er wartet auf einen Platz unter denen, die wir bedienen",
    waitsFor: (blocks) => `er wartet auf ${countOf(blocks, "Block", "Blöcke")} von uns`,
    asksNothing: "er darf fragen und fragt nach nichts",
  },
};
