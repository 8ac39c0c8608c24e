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
  fold: "Fold",
  unfold: "Unfold",
};
