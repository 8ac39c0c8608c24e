import { CLOSE_REASONS, type CloseReason } from "../../../core/model/close-reason.ts";
import type { MappingView } from "../../../core/model/mapping-view.ts";
import { PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { count, countOf } from "./numbers.ts";

/** Names of what the engine tells by key: states, reasons, flags; and how numbers, times and sizes are written. */
export const values = {
  locale: "en-US",
  /** Times of day and dates. */
  clockLocale: "en-GB",
  perSecond: "/s",
  units: { day: "d", hour: "h", minute: "min", second: "s" },
  overAYear: "over a year",
  justNow: "just now",
  inTime: (duration: string) => `in ${duration}`,
  ago: (duration: string) => `${duration} ago`,

  findingPeers: "Finding peers",
  waitingForData: "Waiting for data",
  chooseFiles: "Choose files",
  stateWithShare: (state: string, share: string) => `${state} ${share}`,
  states: {
    "fetching-metadata": "Fetching metadata",
    checking: "Checking",
    downloading: "Downloading",
    seeding: "Seeding",
    paused: "Paused",
    "stopped-by-fault": "Stopped",
  },
  faults: {
    "disk-full": "The disk is full",
    "read-only": "The disk is read-only",
    "no-permission": "No permission to write",
    "missing-file": "A file is missing",
    io: "The disk reported an error",
    "bad-metadata": "The metadata can't be used",
  },
  phases: {
    queued: "waiting for a free dial",
    connecting: "connecting",
    encrypting: "encrypted handshake",
    handshaking: "handshake",
    open: "connected",
    closed: "closed",
  },
  transports: { tcp: "TCP", utp: "uTP", web: "Web" },
  connection: {
    incoming: (transport: string) => `incoming ${transport}`,
    outgoing: (transport: string) => `outgoing ${transport}`,
  },
  encryptions: { none: "none", handshake: "handshake only, then plain text", rc4: "all of it (RC4)" },
  sources: {
    tracker: "tracker",
    dht: "DHT",
    pex: "peer exchange",
    lsd: "local network",
    resume: "remembered from an earlier run",
    incoming: "it connected to us",
    user: "added by hand",
    magnet: "magnet link",
    "web-seed": "web seed",
  },
  closers: { us: "we did", peer: "the peer", network: "the network", user: "you did" },
  /** Why a connection ended; the engine's own words. */
  reasons: Object.fromEntries(Object.entries(CLOSE_REASONS).map(([reason, { words }]) => [reason, words])) as Record<
    CloseReason,
    string
  >,
  /** By their letter; the engine's own words. */
  flags: Object.fromEntries(PEER_FLAGS.map(({ letter, words }) => [letter, words])) as Record<string, string>,
  toUs: {
    idle: "we want nothing, it chokes us",
    offered: "it offers, we need nothing",
    choked: "we want its pieces, it chokes us",
    open: "it lets us download",
  },
  fromUs: {
    idle: "it wants nothing, we choke it",
    offered: "we offer, it needs nothing",
    choked: "it wants our pieces, we choke it",
    open: "we let it download",
  },
  supports: {
    extensionProtocol: "extension protocol (BEP 10)",
    fast: "fast extension (BEP 6)",
    dht: "DHT (BEP 5)",
    v2: "version 2 (BEP 52)",
    azureus: "Azureus messaging",
  },
  unknownBit: (bit: string) => `unknown bit ${bit}`,

  /** Whether the router lets others through; the engine's own words. */
  mapping: ({ words }: MappingView) => words,

  pieceStates: {
    missing: "missing",
    requested: "requested",
    writing: "being written",
    verified: "verified",
    failed: "with a wrong hash",
    unwanted: "unwanted",
  },
  pieceSum: (pieces: number, parts: string) => `${countOf(pieces, "piece", "pieces")}: ${parts}.`,
  piecesNowhere: (n: number) => `${countOf(n, "piece", "pieces")} that no connected peer has.`,
  everywhere: (most: number) => `Every piece is at ${count(most)} peers or more.`,
  allAt: (peers: number) => `Every piece is at ${countOf(peers, "peer", "peers")}.`,
  rarest: (pieces: number, peers: number) =>
    `Rarest: ${countOf(pieces, "piece", "pieces")} at ${countOf(peers, "peer", "peers")}.`,
  padding: "padding",
  andMore: (name: string, more: number) => `${name} and ${countOf(more, "more file", "more files")}`,
};
