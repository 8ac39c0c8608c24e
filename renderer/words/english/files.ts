/** The files of a torrent. */
export const files = {
  list: "Files",
  wanted: "Wanted",
  name: "Name",
  progress: "Progress",
  done: "Done",
  size: "Size",
  downloadFile: (name: string) => `Download ${name}`,
  downloaded: "Downloaded",
  priority: "Priority",
  priorityOf: (name: string) => `Priority of ${name}`,
  mixed: "Mixed",
  wishes: { high: "High", normal: "Normal", low: "Low", skip: "Skip" },
  fold: "Fold",
  unfold: "Unfold",
};
