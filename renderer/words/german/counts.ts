import type { Words } from "../english.ts";
import { countOf } from "./numbers.ts";

export const counts: Words["counts"] = {
  peers: (n) => countOf(n, "Peer", "Peers"),
  pieces: (n) => countOf(n, "Teil", "Teile"),
  blocks: (n) => countOf(n, "Block", "Blöcke"),
  files: (n) => countOf(n, "Datei", "Dateien"),
  trackers: (n) => countOf(n, "Tracker", "Tracker"),
  torrents: (n) => countOf(n, "Torrent", "Torrents"),
  connections: (n) => countOf(n, "Verbindung", "Verbindungen"),
  nodes: (n) => countOf(n, "Knoten", "Knoten"),
  times: (n) => countOf(n, "Mal", "Mal"),
};
