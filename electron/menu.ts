import type { MenuItemConstructorOptions } from "electron";

export interface MenuChoices {
  readonly openTorrents: () => void;
}

/** The application's menu, in the order that each system's people expect. */
export function menuTemplate(
  platform: NodeJS.Platform,
  isPackaged: boolean,
  { openTorrents }: MenuChoices,
): MenuItemConstructorOptions[] {
  const isMac = platform === "darwin";
  return [
    ...(isMac ? [{ role: "appMenu" } as const] : []),
    {
      label: "&File",
      submenu: [
        { id: "open", label: "&Open Torrent…", accelerator: "CommandOrControl+O", click: openTorrents },
        { type: "separator" },
        isMac ? { role: "close" } : { role: "quit" },
      ],
    },
    { role: "editMenu" },
    {
      label: "&View",
      submenu: [
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { type: "separator" },
        { role: "togglefullscreen" },
        ...(isPackaged ? [] : [{ role: "reload" } as const, { role: "toggleDevTools" } as const]),
      ],
    },
    { role: "windowMenu" },
    ...(isMac ? [] : [{ label: "&Help", submenu: [{ role: "about" } as const] }]),
  ];
}
