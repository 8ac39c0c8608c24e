import type { MenuItemConstructorOptions } from "electron";
import { words } from "./words.ts";

export interface MenuChoices {
  readonly openTorrents: () => void;
  readonly openRecording: () => void;
  /** `magnet:` links are to be opened by us from now on. */
  readonly takeMagnetLinks: () => void;
}

type Role = NonNullable<MenuItemConstructorOptions["role"]>;
const LINE = { type: "separator" } as const;

/** What Electron does by itself, under its name in the language that is spoken. */
function named(role: Role): MenuItemConstructorOptions {
  const label = words.roles[role];
  return label === undefined ? { role } : { role, label };
}

/** The application's menu, in the order that each system's people expect. */
export function menuTemplate(
  platform: NodeJS.Platform,
  isPackaged: boolean,
  { openTorrents, openRecording, takeMagnetLinks }: MenuChoices,
): MenuItemConstructorOptions[] {
  const isMac = platform === "darwin";
  return [
    ...(isMac ? [named("appMenu")] : []),
    {
      label: words.file,
      submenu: [
        { id: "open", label: words.openTorrent, accelerator: "CommandOrControl+O", click: openTorrents },
        { id: "open-recording", label: words.openRecordingItem, click: openRecording },
        // A checkout is started by Electron's own program, which is not to be registered.
        { id: "magnets", label: words.takeMagnetLinks, enabled: isPackaged, click: takeMagnetLinks },
        LINE,
        named(isMac ? "close" : "quit"),
      ],
    },
    {
      label: words.edit,
      submenu: [
        named("undo"),
        named("redo"),
        LINE,
        named("cut"),
        named("copy"),
        named("paste"),
        named("delete"),
        LINE,
        named("selectAll"),
      ],
    },
    {
      label: words.view,
      submenu: [
        named("resetZoom"),
        named("zoomIn"),
        named("zoomOut"),
        LINE,
        named("togglefullscreen"),
        ...(isPackaged ? [] : [named("reload"), named("toggleDevTools")]),
      ],
    },
    // macOS lists the windows in it, and names what is in it by itself.
    isMac ? named("windowMenu") : { label: words.window, submenu: [named("minimize"), named("close")] },
    ...(isMac ? [] : [{ label: words.help, submenu: [named("about")] }]),
  ];
}
