/** The window's frame: toolbar, torrent list, status bar. */
export const frame = {
  settings: "Settings",
};
