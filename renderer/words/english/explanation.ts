import { count, countOf } from "./numbers.ts";

/** `1 of 4 peers`, and of a single one no arithmetic. */
const share = (n: number, of: number): string =>
  of === 1 ? "the only connected peer" : `${count(n)} of ${countOf(of, "peer", "peers")}`;

/** Why something does not move. Parts of sentences: they begin small and end without a stop. */
export const explanation = {
  noPeer: "no peer is known yet",
  nobody: "nobody is connected",
  choking: (n: number, of: number) => `${share(n, of)} ${n === 1 ? "chokes" : "choke"} us`,
  snubbing: (n: number) => countOf(n, "lets our requests lie", "let our requests lie"),
  owing: (n: number) => countOf(n, "owes us blocks", "owe us blocks"),
  useless: (n: number, of: number) =>
    of === 1
      ? "the only connected peer has nothing we need"
      : countOf(n, "has nothing we need", "have nothing we need"),
  nowhere: (n: number) => `${countOf(n, "piece exists", "pieces exist")} nowhere: waiting for a seed`,
  connecting: (n: number) => countOf(n, "is still connecting", "are still connecting"),
  queued: (n: number) => countOf(n, "waits for a free dial", "wait for a free dial"),
  noneWants: (of: number) =>
    of === 1 ? "the only connected peer wants nothing of ours" : `none of ${count(of)} peers wants anything of ours`,
  asksNothing: (n: number, of: number) => `${share(n, of)} may ask and ${n === 1 ? "asks" : "ask"} for nothing`,
  waiting: (n: number) => countOf(n, "waits for a place", "wait for a place"),
  noMetadata: (open: number) =>
    open === 1
      ? "1 peer connected, it has not offered the metadata"
      : `${count(open)} peers connected, none has offered the metadata`,
  peer: {
    toldNothing: "it has not told what it has",
    nothingWeNeed: "it has nothing we need",
    chokes: "it chokes us: we wait for a place among those it serves",
    snubbed: "it lets our requests lie, and is asked for one block at a time",
    parole: "it is on parole, and gets whole pieces to itself when there are any",
    owes: (blocks: number) => `it owes us ${countOf(blocks, "block", "blocks")}`,
    askedElsewhere: "all that it has of what we need is asked of others",
    wantsNothing: "it wants nothing of ours",
    weChoke: "we choke it: it waits for a place among those we serve",
    waitsFor: (blocks: number) => `it waits for ${countOf(blocks, "block", "blocks")} of ours`,
    asksNothing: "it may ask and asks for nothing",
  },
};
