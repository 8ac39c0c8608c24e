import { count, countOf } from "./numbers.ts";

/** Adding a torrent, and choosing its files. */
export const adding = {
  reading: "Reading…",
  looking: "Looking into the torrent.",
  cantBeAdded: (label: string) => `${label} can't be added`,
  thisCantBeAdded: "This can't be added",
  next: "Next",
  skip: "Skip",
  merge: "Merge",
  more: (n: number) => `${countOf(n, "more torrent", "more torrents")} after this`,
  already: "This torrent is in the list already.",
  alreadyNoTracker: "Adding it again changes nothing: it names no tracker.",
  alreadyMerges: (trackers: number) =>
    `Adding it again merges its ${countOf(trackers, "tracker", "trackers")} into those it has; nothing else changes.`,
  mergedNone: "It is in the list already and has all of these trackers.",
  merged: (n: number) => `It is in the list already: ${countOf(n, "new tracker was", "new trackers were")} added.`,
  startAtOnce: "Start at once",
  saveIn: "Save in",
  free: (bytes: string) => `${bytes} free`,
  needed: (needed: string, free: string) => `${needed} needed, ${free} free`,
  tooLittle: (needed: string, free: string) => `Too little space: ${needed} needed, ${free} free.`,
  toBeSaved: (needed: string, folder: string) => `${needed} to be saved in ${folder}.`,
  toBeSavedWithRoom: (needed: string, folder: string, free: string) =>
    `${needed} to be saved in ${folder}, ${free} free.`,
  summary: (size: string, files: number, pieces: number, pieceLength: string, trackers: number) =>
    `${size} in ${countOf(files, "file", "files")} · ${countOf(pieces, "piece", "pieces")} of ${pieceLength} · ${countOf(trackers, "tracker", "trackers")}`,
  private: "private",

  download: "Download",
  downloadAll: "Download all files",
  files: "Files",
  filesToDownload: "Files to download",
  someOf: (n: number, files: number) => `${count(n)} of ${countOf(files, "file", "files")}`,
  filesKnown: (size: string, files: number) =>
    `${size} in ${countOf(files, "file", "files")} · what the magnet link stands for is known now`,
  later: "Later",

  magnet: (trackers: number) => `Magnet link · ${countOf(trackers, "tracker", "trackers")}`,
  magnetMeaning:
    "A magnet link names a torrent and nothing more: its files and size come from the first peers that are found.",
  versions: { v2: "v2", hybrid: "v1 and v2" },
  trackers: "Trackers",
  noTrackers: "None: its peers are looked for in the DHT and the local network.",
  chooseLater: "Choose files when they are known",
  thisMagnet: "This magnet link",
  magnetNamed: (hash: string) => `Magnet link ${hash}…`,

  give: "Give a magnet link, or the path or the address of a .torrent file.",
  badUrl: "This address is not a valid URL.",
  onlyHttp: "Only http and https addresses can be fetched.",
  neither: "This is neither a magnet link nor an http(s) address nor the full path of a .torrent file.",
  badFileUrl: "This file address is not a valid URL.",
  badEscape: "This file address has a malformed escape.",
  magnetBegins: "A magnet link begins with magnet:?",
  magnetTooLong: (most: number) => `This magnet link is longer than ${count(most)} characters.`,
  fileTooLarge: (size: string, most: string) =>
    `It is ${size} large; a .torrent file has at most ${most}. Is it the content itself?`,
  fileEmpty: "It is empty.",
  noFileDialog: "The file dialog did not open",
};
