/** The chosen torrent: its tabs, what stopped it, and what is not known of it yet. */
export const details = {
  choose: "Choose a torrent to see its swarm.",
  details: "Details",
  tabs: { peers: "Peers", pieces: "Pieces", files: "Files", trackers: "Trackers", log: "Log", charts: "Charts" },
  private: "Private",
  superSeeding: "Super-seeding",
  free: (bytes: string) => `${bytes} free`,
  resume: "Resume",
  filesUnknown: "Its files are not known yet: a magnet link names a torrent and nothing more.",
  piecesUnknown: "Its pieces are not known yet: a magnet link names a torrent and nothing more.",
  resumeForMetadata: "Resume it to have its metadata fetched from peers.",
  sizeUnknown: "Peers will tell; none has said how large the metadata is.",
  metadataCame: (received: string, size: string) => `Peers tell: ${received} of ${size} of its metadata came so far.`,
  filesKnown: "Its files are known now.",
  pausedForFiles: "It is paused until you choose which of them to download.",
  chooseFiles: "Choose files…",
};
