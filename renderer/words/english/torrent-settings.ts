/** What one torrent has of its own. */
export const torrentSettings = {
  title: "Settings of this torrent",
  downLimit: "Download limit",
  upLimit: "Upload limit",
  rateUnit: "KiB/s",
  limitNote: "Within the limits of all torrents; 0: none of its own",
  maxConnections: "Connections",
  unchokeSlots: "Upload slots",
  asSettings: "0: as in the settings for all torrents",
  sequential: "In order",
  sequentialNote:
    "Pieces come in the order of the torrent, the ends of files first: what is played can begin soon. In return, others get rare pieces later.",
  files: "Files and priorities",
  trackers: "Trackers",
};
