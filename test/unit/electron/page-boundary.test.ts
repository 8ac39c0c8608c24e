import { beforeEach, describe, expect, test, vi } from "vitest";
import { readFolderArgument, readOpenFolderArguments, readSaveArguments } from "../../../electron/channels.ts";
import { menuTemplate } from "../../../electron/menu.ts";
import { speak } from "../../../electron/words.ts";

const electron = vi.hoisted(() => ({
  exposed: {} as Record<string, unknown>,
  listeners: new Map<string, (event: unknown, ...given: unknown[]) => void>(),
  sent: [] as unknown[][],
}));

vi.mock("electron", () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => (electron.exposed[name] = value) },
  ipcRenderer: {
    invoke: (...given: unknown[]) => Promise.resolve(given),
    send: (...given: unknown[]) => void electron.sent.push(given),
    on: (channel: string, listener: (event: unknown, ...given: unknown[]) => void) =>
      void electron.listeners.set(channel, listener),
  },
  webUtils: { getPathForFile: () => "/a.torrent" },
}));

describe("the preload", () => {
  const posted: unknown[][] = [];
  const listeners = new Map<string, (event: unknown) => void>();

  beforeEach(async () => {
    vi.stubGlobal("window", {
      addEventListener: (name: string, listener: (event: unknown) => void) => void listeners.set(name, listener),
      postMessage: (...given: unknown[]) => posted.push(given),
      location: { origin: "app://peerscope" },
    });
    vi.resetModules();
    posted.length = 0;
    electron.sent.length = 0;
    await import("../../../electron/preload.ts");
  });

  test("gives the page named functions only", () => {
    expect(Object.keys(electron.exposed)).toEqual(["peerscope"]);
    const api = electron.exposed.peerscope as Record<string, unknown>;
    expect(Object.entries(api).map(([name, value]) => `${name}: ${typeof value}`)).toEqual([
      "platform: string",
      "pathForFile: function",
      "chooseTorrentFiles: function",
      "chooseFolder: function",
      "openFolder: function",
      "saveTorrentFile: function",
      "speak: function",
      "onOpenTorrents: function",
    ]);
  });

  test("hands the page paths, never an event", () => {
    const heard = vi.fn();
    (electron.exposed.peerscope as { onOpenTorrents(callback: unknown): void }).onOpenTorrents(heard);
    electron.listeners.get("open-torrents")?.({ sender: "ipcRenderer" }, ["/a.torrent"]);
    expect(heard).toHaveBeenCalledExactlyOnceWith(["/a.torrent"]);
  });

  test("asks for torrents to open only once the page listens and has its port", () => {
    const hasPort = { source: window, data: { kind: "peerscope-port" } };
    listeners.get("message")?.(hasPort);
    expect(electron.sent).toEqual([]);
    (electron.exposed.peerscope as { onOpenTorrents(callback: unknown): void }).onOpenTorrents(vi.fn());
    expect(electron.sent).toEqual([["want-torrents"]]);
    listeners.get("message")?.({ source: {}, data: hasPort.data });
    listeners.get("message")?.({ source: window, data: "peerscope-port" });
    expect(electron.sent).toHaveLength(1);
  });

  test("passes the engine's port on to its own origin only", () => {
    listeners.get("load")?.({});
    expect(electron.sent).toContainEqual(["want-engine"]);
    electron.listeners.get("engine")?.({ ports: ["port"] });
    expect(posted).toEqual([[{ kind: "peerscope-port" }, "app://peerscope", ["port"]]]);
  });
});

describe("what a page asks", () => {
  test("is taken only in its own form", () => {
    const id = "0123456789abcdef0123456789abcdef01234567";
    expect(readOpenFolderArguments(id, undefined)).toEqual({ torrent: id });
    expect(readOpenFolderArguments(id, "a/b")).toEqual({ torrent: id, filePath: "a/b" });
    expect(readFolderArgument("/home/me")).toBe("/home/me");
    for (const wrong of [undefined, null, 1, {}, ["a"], "", "../x", id.toUpperCase(), `${id}0`]) {
      expect(() => readOpenFolderArguments(wrong, undefined)).toThrow(TypeError);
    }
    for (const wrong of [null, 1, {}, ["a"], "a\0b", "x".repeat(32_769)]) {
      expect(() => readOpenFolderArguments(id, wrong)).toThrow(TypeError);
      expect(() => readFolderArgument(wrong)).toThrow(TypeError);
    }
  });
});

describe("a torrent that a page has saved", () => {
  const bytes = Uint8Array.of(0x64, 0x65);

  test("gets a name of its own, which leads nowhere", () => {
    expect(readSaveArguments("Film", bytes)).toEqual({ name: "Film.torrent", bytes });
    expect(readSaveArguments("a.TORRENT", bytes).name).toBe("a.torrent");
    expect(readSaveArguments("../../etc/cron.d/x", bytes).name).toBe(".._.._etc_cron.d_x.torrent");
    expect(readSaveArguments('C:\\a\n"b"', bytes).name).toBe("C__a__b_.torrent");
    expect(readSaveArguments("n".repeat(300), bytes).name).toHaveLength(68);
  });

  test("may be a capture or JSON lines, if it begins as such", () => {
    const capture = Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a);
    const lines = Uint8Array.of(0x7b, 0x7d);
    expect(readSaveArguments("10.0.0.1-6881.pcapng", capture).name).toBe("10.0.0.1-6881.pcapng");
    expect(readSaveArguments("../10.0.0.1.JSONL", lines).name).toBe(".._10.0.0.1.jsonl");
    expect(() => readSaveArguments("a.pcapng", bytes)).toThrow(TypeError);
    expect(() => readSaveArguments("a.jsonl", capture)).toThrow(TypeError);
    expect(() => readSaveArguments("a.torrent", lines)).toThrow(TypeError);
  });

  test("is a dictionary of a sane size, or refused", () => {
    for (const wrong of [undefined, "de", [100, 101], new Uint8Array(0), Uint8Array.of(0x4d, 0x5a)]) {
      expect(() => readSaveArguments("a", wrong)).toThrow(TypeError);
    }
    expect(() => readSaveArguments("a\0b", bytes)).toThrow(TypeError);
    expect(() => readSaveArguments(7, bytes)).toThrow(TypeError);
  });
});

const NOTHING_CHOSEN = { openTorrents: () => {}, openRecording: () => {}, takeMagnetLinks: () => {} };

describe("the menu", () => {
  const flat = (platform: NodeJS.Platform, isPackaged: boolean) =>
    JSON.stringify(menuTemplate(platform, isPackaged, NOTHING_CHOSEN));

  test("opens torrents, and takes magnet links over", () => {
    const [openTorrents, openRecording, takeMagnetLinks] = [vi.fn(), vi.fn(), vi.fn()];
    type Item = { id?: string; click?: () => void };
    const items = menuTemplate("linux", true, { openTorrents, openRecording, takeMagnetLinks }).flatMap(
      (menu) => (menu.submenu ?? []) as Item[],
    );
    items.find((item) => item.id === "open")?.click?.();
    expect(openTorrents).toHaveBeenCalledOnce();
    items.find((item) => item.id === "open-recording")?.click?.();
    expect(openRecording).toHaveBeenCalledOnce();
    items.find((item) => item.id === "magnets")?.click?.();
    expect(takeMagnetLinks).toHaveBeenCalledOnce();
  });

  test("has the application's menu on macOS, and quits from File elsewhere", () => {
    expect(flat("darwin", true)).toContain('"appMenu"');
    expect(flat("linux", true)).toContain('"quit"');
  });

  test("speaks the page's language, and no other than it can", () => {
    expect(speak("de")).toBe(true);
    expect(flat("linux", true)).toContain('"label":"&Datei"');
    expect(flat("linux", true)).toContain('"role":"quit","label":"Beenden"');
    expect(speak("en")).toBe(true);
    expect(flat("linux", true)).toContain('"label":"&File"');
    for (const wrong of [undefined, "", "fr", "toString", { de: 1 }]) expect(speak(wrong)).toBe(false);
    expect(flat("linux", true)).toContain('"label":"&File"');
  });

  test("has developer tools in a checkout only", () => {
    expect(flat("linux", false)).toContain("toggleDevTools");
    expect(flat("linux", true)).not.toContain("toggleDevTools");
  });
});
