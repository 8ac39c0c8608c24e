/** What an application's main process finds under the name `electron`. */
export { app } from "./app.ts";
export { protocol } from "./chromium.ts";
export { ipcMain, MessageChannelMain } from "./ipc.ts";
export {
  dialog,
  Menu,
  Notification,
  nativeImage,
  nativeTheme,
  powerSaveBlocker,
  screen,
  shell,
  Tray,
} from "./native.ts";
export { session } from "./session.ts";
export { BrowserWindow, webContents } from "./window.ts";
