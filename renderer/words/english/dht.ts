import { count, countOf } from "./numbers.ts";

const nodes = (n: number): string => countOf(n, "node", "nodes");

/** The DHT: its dialog. */
export const dht = {
  title: "DHT",
  meaning: "A directory of peers that all clients keep together: each node keeps a part of it.",
  notRunning: "The DHT is not running yet.",
  off: "The DHT is off in the settings.",
  ourId: "Our id",
  ourAddress: "Our address",
  nobodyTold: "nobody has told yet",
  votes: (address: string, votes: number) => `${address} (${countOf(votes, "vote", "votes")})`,
  standing: "Standing",
  standings: {
    unknown: "Not known yet.",
    readOnly: "Read-only: nobody reaches us by themselves, so others are told not to rely on us.",
    proper: "Our id fits our address, and others reach us.",
    improper: "Our id does not fit our address yet.",
  },
  noNode: "No node is known yet.",
  sharedBits: "Bits shared with our id",
  nodes: "Nodes",
  proper: "Id bound to its address",
  ownChoice: "Id of its own choice",
  silent: "Silent",
  bucket: {
    proper: (n: number) => `${count(n)} with an id bound to its address`,
    silent: (n: number) => `${count(n)} silent`,
    spare: (n: number) => `${count(n)} waiting for a place`,
  },
  waiting: (n: number) => `${count(n)} waiting`,
  moreWaiting: (n: number) => `${count(n)} more waiting`,
  table: (n: number, family: string, buckets: number) =>
    `${nodes(n)} over ${family} in ${countOf(buckets, "bucket", "buckets")}.`,
  lookups: "Lookups under way",
  noLookups: "None at this moment.",
  lookup: { target: "For", since: "Since", asked: "Asked", answered: "Answered", peers: "Peers" },
  nodesNearId: "Nodes near an id",
  torrentsPeers: "A torrent's peers",
  sinceStart: "Since the start",
  kept: "Kept for others",
  keptWords: (peers: number, torrents: number) =>
    `${countOf(peers, "peer", "peers")} of ${countOf(torrents, "torrent", "torrents")}`,
  received: "Received",
  sent: "Sent",
  told: (bytes: string, questions: number, answers: number) =>
    `${bytes}: ${countOf(questions, "question", "questions")}, ${countOf(answers, "answer", "answers")}`,
  notHeard: "Not heard",
  notHeardWords: (malformed: number, dropped: number) => `${count(malformed)} malformed, ${count(dropped)} too many`,
  silenced: "Silenced",
  addresses: (n: number) => countOf(n, "address", "addresses"),
};
