import { countOf } from "./numbers.ts";

/** So many of something: `1 peer`, `12,345 peers`. */
export const counts = {
  peers: (n: number) => countOf(n, "peer", "peers"),
  pieces: (n: number) => countOf(n, "piece", "pieces"),
  blocks: (n: number) => countOf(n, "block", "blocks"),
  files: (n: number) => countOf(n, "file", "files"),
  trackers: (n: number) => countOf(n, "tracker", "trackers"),
  torrents: (n: number) => countOf(n, "torrent", "torrents"),
  connections: (n: number) => countOf(n, "connection", "connections"),
  nodes: (n: number) => countOf(n, "node", "nodes"),
  times: (n: number) => countOf(n, "time", "times"),
};
