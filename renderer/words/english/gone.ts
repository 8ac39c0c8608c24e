import { count } from "./numbers.ts";

/** Who is gone, who was turned away, and who is banned. */
export const gone = {
  when: "When",
  address: "Address",
  why: "Why",
  by: "Who decided",
  flags: "Last flags",
  got: "Got",
  gave: "Gave",
  stayed: "Stayed",
  act: "Actions",

  chart: "Counted by",
  byReason: "Reason",
  byClient: "Client",
  bySource: "Source",
  unknownClient: "Unknown client",
  all: "Show all",
  noneFits: "Nobody fits this choice.",

  connectAgain: "Connect again",
  ban: "Ban",
  liftBan: "Lift the ban",
  details: (address: string) => `About ${address}`,
  close: "Close",
  sources: "Named by",
  connection: "Connection",
  code: "Code",
  left: "Left",
  proof: "Evidence",
  falsePiece: (piece: number) => `Piece ${count(piece)} failed its hash, and every block of it came from this peer.`,
  falseBlock: (block: number, piece: number) =>
    `Block ${count(block)} of piece ${count(piece)} was not the one with which the piece passed its hash.`,
  hash: "The piece must hash to",
  sums: (gave: string, right: string) => `FNV-1a of the block: ${gave} as given, ${right} as it passed`,

  bansLabel: "Banned peers",
  since: "Since",
  who: "Who",
  lift: "Lift",
  liftOf: (party: string) => `Lift the ban of ${party}`,
  nobodyBanned: "Nobody is banned. A peer is when it is proven to send false data, or when you ban it by hand.",
};
