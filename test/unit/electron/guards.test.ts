import { EventEmitter } from "node:events";
import type { App, Session } from "electron";
import { describe, expect, test, vi } from "vitest";
import {
  guardAllContents,
  guardSession,
  isOwnFrame,
  mayOpenExternally,
  mayRequest,
  webPreferences,
} from "../../../electron/guards.ts";

describe("a window's page", () => {
  test("is isolated, sandboxed and without Node, in frames and workers too", () => {
    expect(webPreferences("/preload.cjs", true)).toEqual({
      preload: "/preload.cjs",
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
      devTools: false,
    });
  });

  test("switches on no features of Blink", () => {
    expect(webPreferences("", false)).not.toHaveProperty("enableBlinkFeatures");
  });

  test("has developer tools only in a checkout", () => {
    expect(webPreferences("", false).devTools).toBe(true);
  });
});

describe("a session", () => {
  type Filter = (details: { url: string }, answer: (response: { cancel: boolean }) => void) => void;

  function guarded(isPackaged = true) {
    const handlers: Record<string, (...given: never[]) => unknown> = {};
    let filter: Filter | undefined;
    const session = new EventEmitter() as unknown as Session;
    for (const name of ["setPermissionRequestHandler", "setPermissionCheckHandler", "setDevicePermissionHandler"]) {
      Object.assign(session, { [name]: (handler: () => unknown) => (handlers[name] = handler) });
    }
    Object.assign(session, { webRequest: { onBeforeRequest: (given: Filter) => (filter = given) } });
    guardSession(session, isPackaged);
    const isCancelled = (url: string) => {
      let cancelled: boolean | undefined;
      filter?.({ url }, ({ cancel }) => (cancelled = cancel));
      return cancelled;
    };
    return { handlers, session, isCancelled };
  }

  test("denies every permission that is asked for or looked up", () => {
    const { handlers } = guarded();
    const answer = vi.fn();
    const ask = handlers.setPermissionRequestHandler as (contents: null, permission: string, answer: unknown) => void;
    for (const permission of [
      "media",
      "geolocation",
      "notifications",
      "clipboard-read",
      "openExternal",
      "fileSystem",
    ]) {
      ask(null, permission, answer);
      expect(answer).toHaveBeenLastCalledWith(false);
    }
    expect(handlers.setPermissionCheckHandler?.()).toBe(false);
    expect(handlers.setDevicePermissionHandler?.()).toBe(false);
  });

  test.each([
    ["app://peerscope/assets/a.js", false],
    ["data:image/png;base64,AA==", false],
    ["blob:app://peerscope/1", false],
    ["https://example.com/", true],
    ["http://127.0.0.1:80/", true],
    ["ws://127.0.0.1/", true],
    ["file:///etc/passwd", true],
    ["app://evil/", true],
    ["chrome-extension://x/", true],
    ["devtools://devtools/bundled/a.html", true],
  ])("cancels what does not come from the app protocol: %s %s", (url, isCancelled) => {
    expect(guarded().isCancelled(url)).toBe(isCancelled);
  });

  test("lets developer tools load in a checkout", () => {
    expect(mayRequest("devtools://devtools/bundled/a.html", false)).toBe(true);
  });

  test("downloads nothing", () => {
    const event = { preventDefault: vi.fn() };
    guarded().session.emit("will-download", event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});

describe("contents of any kind", () => {
  function guarded() {
    const opened: string[] = [];
    const app = new EventEmitter();
    guardAllContents(app as unknown as App, (url) => opened.push(url));
    const contents = new EventEmitter();
    let open: ((details: { url: string }) => { action: string }) | undefined;
    Object.assign(contents, { setWindowOpenHandler: (handler: typeof open) => (open = handler) });
    app.emit("web-contents-created", {}, contents);
    const isPrevented = (event: string, url: string) => {
      const details = { url, preventDefault: vi.fn() };
      contents.emit(event, details);
      return details.preventDefault.mock.calls.length > 0;
    };
    return { isPrevented, opened, open: (url: string) => open?.({ url }) };
  }

  test.each(["will-navigate", "will-frame-navigate", "will-redirect"])("stay on their origin (%s)", (event) => {
    const { isPrevented } = guarded();
    for (const url of [
      "https://example.com/",
      "file:///etc/passwd",
      "app://peerscope.evil/",
      "javascript:alert(1)",
      "data:text/html,x",
    ]) {
      expect(isPrevented(event, url)).toBe(true);
    }
    expect(isPrevented(event, "app://peerscope/")).toBe(false);
  });

  test("embed no webview", () => {
    expect(guarded().isPrevented("will-attach-webview", "app://peerscope/")).toBe(true);
  });

  test("open no window, and nothing outside", () => {
    const { open, opened } = guarded();
    for (const url of ["https://example.com/", "app://peerscope/", "file:///bin/sh", "javascript:1", "about:blank"]) {
      expect(open(url)).toEqual({ action: "deny" });
    }
    expect(opened).toEqual([]);
  });
});

test("only https to a listed host is given to the user's browser", () => {
  const hosts = new Set(["example.org"]);
  expect(mayOpenExternally("https://example.org/page", hosts)).toBe(true);
  for (const url of [
    "http://example.org/",
    "https://example.org.evil/",
    "https://evil/?https://example.org",
    "https://a:b@example.org/",
    "https://example.org:444/",
    "file://example.org/",
    "smb://example.org/",
    "nonsense",
  ]) {
    expect(mayOpenExternally(url, hosts)).toBe(false);
  }
});

test("only the page itself, in the top frame of our origin, is listened to", () => {
  expect(isOwnFrame({ url: "app://peerscope/", parent: null })).toBe(true);
  expect(isOwnFrame({ url: "app://peerscope/", parent: {} })).toBe(false);
  expect(isOwnFrame({ url: "https://example.com/", parent: null })).toBe(false);
  expect(isOwnFrame({ url: "", parent: null })).toBe(false);
  expect(isOwnFrame(null)).toBe(false);
});
