import type { PeerFace } from "./peer-face.ts";

/** One flag letter with its meaning. */
export interface PeerFlag {
  readonly letter: string;
  readonly words: string;
}

type FlagInput = Pick<
  PeerFace,
  | "phase"
  | "direction"
  | "transport"
  | "encryption"
  | "sources"
  | "weChoke"
  | "weAreInterested"
  | "peerChokes"
  | "peerIsInterested"
  | "isSeed"
  | "isUploadOnly"
  | "isSnubbed"
  | "isOptimistic"
  | "isOnParole"
  | "isEndgame"
  | "isHolepunched"
  | "hashFailures"
>;

const isOpen = (peer: FlagInput) => peer.phase === "open";
const from =
  (...kinds: string[]) =>
  (peer: FlagInput) =>
    peer.sources.some((source) => kinds.includes(source.kind));

/** qBittorrent's alphabet, then ours, in the order they are shown. Each rule is a pure function of the face. */
const FLAG_RULES: readonly (PeerFlag & { readonly holds: (peer: FlagInput) => boolean })[] = [
  { letter: "D", words: "downloading from it", holds: (p) => isOpen(p) && p.weAreInterested && !p.peerChokes },
  { letter: "d", words: "it won't let us download yet", holds: (p) => isOpen(p) && p.weAreInterested && p.peerChokes },
  { letter: "U", words: "uploading to it", holds: (p) => isOpen(p) && p.peerIsInterested && !p.weChoke },
  { letter: "u", words: "we won't upload to it yet", holds: (p) => isOpen(p) && p.peerIsInterested && p.weChoke },
  { letter: "K", words: "it offers, we need nothing", holds: (p) => isOpen(p) && !p.peerChokes && !p.weAreInterested },
  { letter: "?", words: "we offer, it needs nothing", holds: (p) => isOpen(p) && !p.weChoke && !p.peerIsInterested },
  { letter: "O", words: "optimistic unchoke", holds: (p) => p.isOptimistic },
  { letter: "S", words: "snubbed: it stopped sending", holds: (p) => p.isSnubbed },
  { letter: "I", words: "it connected to us", holds: (p) => p.direction === "incoming" },
  { letter: "H", words: "found through DHT", holds: from("dht") },
  { letter: "X", words: "found through peer exchange", holds: from("pex") },
  { letter: "L", words: "found on the local network", holds: from("lsd") },
  { letter: "T", words: "found through a tracker", holds: from("tracker") },
  { letter: "M", words: "from a magnet link or added by hand", holds: from("magnet", "user") },
  { letter: "E", words: "encrypted", holds: (p) => p.encryption === "rc4" },
  { letter: "e", words: "encrypted handshake only", holds: (p) => p.encryption === "handshake" },
  { letter: "P", words: "over uTP", holds: (p) => p.transport === "utp" },
  { letter: "W", words: "web seed: over HTTP", holds: (p) => p.transport === "web" },
  { letter: "h", words: "connected through a rendezvous", holds: (p) => p.isHolepunched },
  { letter: "Q", words: "queued for a connection", holds: (p) => p.phase === "queued" },
  { letter: "C", words: "connecting", holds: (p) => p.phase === "connecting" },
  { letter: "N", words: "handshaking", holds: (p) => p.phase === "handshaking" || p.phase === "encrypting" },
  { letter: "R", words: "on parole after a failed piece", holds: (p) => p.isOnParole },
  { letter: "G", words: "endgame: its requests are also asked elsewhere", holds: (p) => p.isEndgame },
  { letter: "=", words: "seed: it has everything", holds: (p) => p.isSeed },
  { letter: "−", words: "upload only: it wants nothing", holds: (p) => p.isUploadOnly && !p.isSeed },
  { letter: "F", words: "took part in a piece that failed its hash", holds: (p) => p.hashFailures > 0 },
];

/** Every flag there is, with its meaning, in the order they are shown. */
export const PEER_FLAGS: readonly PeerFlag[] = FLAG_RULES;

/** The flags that hold for a peer, in the order they are shown (peer semantics, section 2). */
export function peerFlags(peer: FlagInput): PeerFlag[] {
  return FLAG_RULES.filter((rule) => rule.holds(peer));
}

/** The letters alone, e.g. `dIT=`. */
export function flagLetters(peer: FlagInput): string {
  let letters = "";
  for (const rule of FLAG_RULES) if (rule.holds(peer)) letters += rule.letter;
  return letters;
}
