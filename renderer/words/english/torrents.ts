import { count, countOf } from "./numbers.ts";

/** The torrent list, its menu, and the dialogs about one torrent. */
export const torrents = {
  list: "Torrents",
  name: "Name",
  state: "State",
  progress: "Progress",
  size: "Size",
  down: "Down",
  up: "Up",
  timeLeft: "Time left",
  peers: "Peers",
  seeds: "Seeds",
  ratio: "Ratio",
  leechersTold: (connected: number, told: number) =>
    `${count(connected)} connected; the trackers know ${countOf(told, "leecher", "leechers")}`,
  seedsTold: (connected: number, told: number) =>
    `${count(connected)} connected; the trackers know ${countOf(told, "seed", "seeds")}`,
  downloaded: "Downloaded",
  metadata: "Metadata",

  resume: "Resume",
  pause: "Pause",
  remove: "Remove…",
  recheck: "Check all data again",
  announce: "Ask the trackers now",
  addPeer: "Add a peer…",
  chooseFiles: "Choose files…",
  copyHash: "Copy info hash",
  copyHashV2: "Copy v2 info hash",
  copyMagnet: "Copy magnet link",
  save: "Save .torrent…",
  settings: "Settings of this torrent…",
  superSeed: "Super-seed",
  superSeedMeaning: "When complete, show each peer one piece at a time, so that little is sent twice",
  keys: { space: "Space", enter: "Enter", delete: "Delete" },

  removeTitle: "Remove this torrent?",
  removeNow: "Remove",
  removeWithData: "Remove with data",
  deleteData: "Delete the downloaded data too",
  dataDeleted: (bytes: string, folder: string) => `${bytes} in ${folder} will be deleted. This can't be undone.`,
  dataStays: (folder: string) => `The files stay in ${folder}.`,

  addPeerTitle: "Add a peer",
  addPeerText: "Peerscope connects to it at once.",
  address: "Address",
  connect: "Connect",
  addressFault: "An address is HOST:PORT, and [HOST]:PORT for IPv6; the port is 1 to 65535.",
};
