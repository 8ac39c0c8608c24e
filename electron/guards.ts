import type { App, Session, WebContents, WebPreferences } from "electron";
import { isOwnUrl } from "./app-protocol.ts";

/** What a page may do in the window. Everything that could be forgotten is said. */
export function webPreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: !isPackaged,
  };
}

/** Web sites that may be opened in the user's browser: none is linked to. */
const OPENABLE_HOSTS: ReadonlySet<string> = new Set<string>();

/** Whether a link may be given to the user's browser: https, to a listed host, without a name or password in it. */
export function mayOpenExternally(url: string, hosts: ReadonlySet<string> = OPENABLE_HOSTS): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === "https:" && hosts.has(host) && username === "" && password === "";
}

/**
 * Whether the page may ask for this. The page's own files; what the page already holds (`blob:`, `data:`); and the
 * developer tools, which a package does not have. No request leaves for the network.
 */
export function mayRequest(url: string, isPackaged: boolean): boolean {
  if (isOwnUrl(url)) return true;
  const scheme = url.slice(0, url.indexOf(":") + 1).toLowerCase();
  return scheme === "blob:" || scheme === "data:" || (scheme === "devtools:" && !isPackaged);
}

/** Denies every permission, and every request that is not for the page's own files. */
export function guardSession(session: Session, isPackaged: boolean): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayRequest(details.url, isPackaged) }));
  session.on("will-download", (event) => event.preventDefault());
}

/** Whatever contents are made, they stay on the page's own origin and open nothing. */
export function guardAllContents(app: App, openExternal: (url: string) => void): void {
  app.on("web-contents-created", (_event, contents) => guardContents(contents, openExternal));
}

function guardContents(contents: WebContents, openExternal: (url: string) => void): void {
  const stay = (details: { readonly url: string; preventDefault(): void }) => {
    if (!isOwnUrl(details.url)) details.preventDefault();
  };
  contents.on("will-navigate", stay);
  contents.on("will-frame-navigate", stay);
  contents.on("will-redirect", stay);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenExternally(url)) openExternal(url);
    return { action: "deny" };
  });
}

/** The frame that sent a message, as far as it is looked at. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/** Whether a message comes from the page itself: the top frame, on our origin. A frame that is gone is nobody. */
export function isOwnFrame(frame: SenderFrame | null): boolean {
  return frame !== null && frame.parent === null && isOwnUrl(frame.url);
}
