import { describe, expect, test } from "vitest";
import type { PeerView, TorrentView } from "../../../core/contract/views.ts";
import { columnsOf, fitted, formatBytes, formatPercent, formatSpan } from "../../../core/host/cli/format.ts";
import { JsonReporter } from "../../../core/host/cli/json-reporter.ts";
import { PlainReporter } from "../../../core/host/cli/plain-reporter.ts";
import { progressLine } from "../../../core/host/cli/progress-line.ts";
import type { Terminal } from "../../../core/host/cli/terminal.ts";
import { stateFolder } from "../../../core/host/state-folder.ts";

class RecordedTerminal implements Terminal {
  readonly isInteractive: boolean;
  readonly columns = 100;
  text = "";
  complaints: string[] = [];

  constructor(isInteractive = false) {
    this.isInteractive = isInteractive;
  }

  write(text: string): void {
    this.text += text;
  }

  complain(words: string): void {
    this.complaints.push(words);
  }
}

const ID = "a".repeat(40);
const torrent = (change: Partial<TorrentView> = {}): TorrentView => ({
  id: ID,
  name: "A torrent with a name",
  infoHash: { kind: "v1", v1: new Uint8Array(20) },
  state: "downloading",
  asksForFiles: false,
  bytesDone: 500,
  bytesWanted: 1000,
  downLimit: 0,
  upLimit: 0,
  bytesTotal: 1000,
  downRate: 100,
  upRate: 0,
  downloaded: 500,
  uploaded: 0,
  wasted: 0,
  eta: 5000,
  peersConnected: 1,
  seedsConnected: 0,
  peersKnown: 1,
  pieceCount: 10,
  pieceLength: 100,
  piecesVerified: 5,
  fileCount: 1,
  folder: "/to",
  isPrivate: false,
  isSuperSeeding: false,
  isSequential: false,
  maxConnections: 0,
  unchokeSlots: 0,
  addedAt: 0,
  ...change,
});

const peer = (change: Partial<PeerView> = {}): PeerView => ({
  id: 7,
  host: "192.0.2.1",
  port: 6881,
  direction: "outgoing",
  isLocalConnection: true,
  transport: "tcp",
  encryption: "none",
  phase: "open",
  supports: { extensionProtocol: false, fast: false, dht: false, v2: false, azureus: false, unknown: [] },
  sources: [{ kind: "user" }],
  weChoke: true,
  weAreInterested: false,
  peerChokes: true,
  peerIsInterested: false,
  isSeed: false,
  isUploadOnly: false,
  isSnubbed: false,
  isOptimistic: false,
  isOnParole: false,
  isEndgame: false,
  isHolepunched: false,
  piecesCount: 0,
  payloadDown: 0,
  payloadUp: 0,
  protocolDown: 0,
  protocolUp: 0,
  protocolDownRate: 0,
  protocolUpRate: 0,
  downRate: 0,
  upRate: 0,
  requestsOut: 0,
  requestsIn: 0,
  requestWindow: 0,
  hashFailures: 0,
  wasted: 0,
  timesChoked: 0,
  timesUnchoked: 0,
  ...change,
});

describe("--json", () => {
  const lines = (terminal: RecordedTerminal) =>
    terminal.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("tells of a peer at most four times in any second, and of its newest state in the end", () => {
    const terminal = new RecordedTerminal();
    let now = 10_000;
    const reporter = new JsonReporter(terminal, () => now);
    for (let change = 1; change <= 100; change++) {
      reporter.peer(ID, peer({ payloadDown: change }));
      now += 30;
      if (change % 33 === 0) reporter.progress([torrent()]);
    }
    now += 1000;
    reporter.progress([torrent()]);
    const told = lines(terminal).filter(({ event }) => event === "peer");
    expect(told.length).toBeGreaterThanOrEqual(12);
    for (let i = 4; i < told.length; i++) expect(told[i].at - told[i - 4].at).toBeGreaterThanOrEqual(1000);
    expect(told.at(-1).payloadDown).toBe(100);
  });

  test("counts every peer by itself, and forgets those that left", () => {
    const terminal = new RecordedTerminal();
    const reporter = new JsonReporter(terminal, () => 0);
    for (let id = 0; id < 10; id++) for (let i = 0; i < 5; i++) reporter.peer(ID, peer({ id, payloadDown: i }));
    expect(lines(terminal).length).toBe(40);
    const closing = { reason: "inactive", by: "us", detail: "silent", code: -40, at: 5, flags: "d" } as const;
    const who = {
      peer: 3,
      host: "h",
      port: 1,
      direction: "outgoing",
      transport: "tcp",
      sources: [],
      payloadDown: 0,
      payloadUp: 0,
    } as const;
    reporter.peerClosed(ID, { ...closing, ...who });
    expect(lines(terminal).at(-1)).toMatchObject({
      event: "peer-closed",
      at: 5,
      host: "h",
      port: 1,
      code: -40,
      by: "us",
    });
  });

  test("writes bytes as hex and what is not known as null", () => {
    const terminal = new RecordedTerminal();
    const reporter = new JsonReporter(terminal, () => 0);
    reporter.peer(ID, peer());
    reporter.peer(
      ID,
      peer({ pieces: Uint8Array.of(0xf0, 1), peerId: new Uint8Array(20).fill(255), reserved: new Uint8Array(8) }),
    );
    const [unknown, known] = lines(terminal);
    expect(unknown).toMatchObject({ peer: 7, torrent: ID, pieces: null, peerId: null, reserved: null, client: null });
    const rest = { connectedAt: null, lastSeenAt: null, roundTrip: null, country: null, extensionHandshake: null };
    expect(unknown).toMatchObject(rest);
    expect(Object.keys(unknown as object).sort()).toEqual(Object.keys(known as object).sort());
    expect(known).toMatchObject({ pieces: "f001", peerId: "ff".repeat(20), reserved: "00".repeat(8) });
  });
});

describe("without --json", () => {
  test("a terminal has its bars drawn over, and lines that stay above them", () => {
    const terminal = new RecordedTerminal(true);
    const reporter = new PlainReporter(terminal, () => 0);
    reporter.progress([torrent()]);
    reporter.progress([torrent({ bytesDone: 600 })]);
    expect(terminal.text.split("\x1b[1A\x1b[J").length).toBe(2);
    reporter.done(torrent());
    expect(terminal.text).toMatch(/\x1b\[1A\x1b\[JA torrent with a name: complete, 1000 B in \/to\n.*\n$/);
  });

  test("a file gets one line a torrent every ten seconds", () => {
    const terminal = new RecordedTerminal();
    let now = 100_000;
    const reporter = new PlainReporter(terminal, () => now);
    for (let second = 0; second < 25; second++) {
      reporter.progress([torrent()]);
      now += 1000;
    }
    expect(terminal.text.trim().split("\n").length).toBe(3);
  });

  test("a file's lines count peers in words", () => {
    const terminal = new RecordedTerminal();
    const reporter = new PlainReporter(terminal, () => 0);
    const states = [{}, { peersConnected: 2 }, { state: "fetching-metadata" }] as const;
    reporter.end(states.map((state) => torrent(state)));
    expect(
      terminal.text
        .trim()
        .split("\n")
        .map((line) => /\d+ peers?/.exec(line)?.[0]),
    ).toEqual(["1 peer", "2 peers", "1 peer"]);
  });

  test("a line of progress fits the terminal, however narrow it is and long the name", () => {
    for (const name of ["short", "very long name ".repeat(20), "名前".repeat(40)]) {
      for (let columns = 1; columns < 200; columns++) {
        expect(columnsOf(progressLine(torrent({ name }), columns))).toBeLessThanOrEqual(columns);
      }
    }
    expect(progressLine(torrent(), 100)).toMatch(/^A torrent with a name +50\.0 % ▕█+ +▏ {2}↓ 100 B\/s {2}1 peer/);
  });

  test("numbers are short, and never 100 % too early", () => {
    expect([formatBytes(1023), formatBytes(1536), formatBytes(2 ** 40)]).toEqual(["1023 B", "1.5 KiB", "1.0 TiB"]);
    expect([formatPercent(0, 10), formatPercent(9999, 10_000), formatPercent(10, 10)]).toEqual([
      "0.0 %",
      "99.9 %",
      "100.0 %",
    ]);
    expect([formatSpan(5000), formatSpan(125_000), formatSpan(11_400_000)]).toEqual(["5 s", "2 min 5 s", "3 h 10 min"]);
    expect(fitted("名前名前", 5)).toBe("名前…");
  });
});

test("state is kept where each system keeps it, or where PEERSCOPE_STATE says", () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
    stateFolder({ platform, home: "/h", env });
  expect(at("linux")).toBe("/h/.local/state/peerscope");
  expect(at("linux", { XDG_STATE_HOME: "/x" })).toBe("/x/peerscope");
  expect(at("linux", { XDG_STATE_HOME: "relative" })).toBe("/h/.local/state/peerscope");
  expect(at("darwin")).toBe("/h/Library/Application Support/Peerscope");
  expect(at("win32", { APPDATA: "/roaming" })).toBe("/roaming/Peerscope");
  expect(at("linux", { PEERSCOPE_STATE: "/mine", XDG_STATE_HOME: "/x" })).toBe("/mine");
});
