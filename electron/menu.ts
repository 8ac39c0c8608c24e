import type { MenuItemConstructorOptions } from "electron";

export interface MenuChoices {
  readonly openTorrents: () => void;
  /** `magnet:` links are to be opened by us from now on. */
  readonly takeMagnetLinks: () => void;
}

/** The application's menu, in the order that each system's people expect. */
export function menuTemplate(
  platform: NodeJS.Platform,
  isPackaged: boolean,
  { openTorrents, takeMagnetLinks }: MenuChoices,
): MenuItemConstructorOptions[] {
  const isMac = platform === "darwin";
  return [
    ...(isMac ? [{ role: "appMenu" } as const] : []),
    {
      label: "&File",
      submenu: [
        { id: "open", label: "&Open Torrent…", accelerator: "CommandOrControl+O", click: openTorrents },
        // A checkout is started by Electron's own program, which is not to be registered.
        { id: "magnets", label: "Open &Magnet Links with Peerscope", enabled: isPackaged, click: takeMagnetLinks },
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
