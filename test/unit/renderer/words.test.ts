import { describe, expect, it } from "vitest";
import { CLOSE_REASONS, type CloseReason } from "../../../core/model/close-reason.ts";
import type { PeerSupports } from "../../../core/model/peer-face.ts";
import { PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { flagWords } from "../../../renderer/format/flags.ts";
import {
  downloadWords,
  lastPart,
  nextAnnounceWords,
  reasonWords,
  sourceWords,
  supportsWords,
  torrentStateWords,
  uploadWords,
} from "../../../renderer/format/words.ts";
import { speak } from "../../../renderer/words/say.ts";

describe("a torrent's state", () => {
  const torrent = { state: "downloading" as const, bytesTotal: 1000, downRate: 5000, peersConnected: 3 };

  it("is downloading while something arrives", () => {
    expect(torrentStateWords(torrent)).toBe("Downloading");
  });

  it("says what a download waits for", () => {
    expect(torrentStateWords({ ...torrent, downRate: 0 })).toBe("Waiting for data");
    expect(torrentStateWords({ ...torrent, downRate: 0, peersConnected: 0 })).toBe("Finding peers");
  });

  it("tells how far a check is", () => {
    expect(torrentStateWords({ ...torrent, state: "checking", bytesChecked: 412 })).toBe("Checking 41.2%");
    expect(torrentStateWords({ ...torrent, state: "checking" })).toBe("Checking");
  });

  it("tells how much of the metadata came", () => {
    const fetching = { ...torrent, state: "fetching-metadata" as const };
    expect(torrentStateWords({ ...fetching, metadata: { received: 0, size: 0 } })).toBe("Fetching metadata");
    expect(torrentStateWords({ ...fetching, metadata: { received: 123, size: 1000 } })).toBe("Metadata 12.3%");
  });

  it("speaks German where that is chosen", () => {
    speak("de");
    expect(torrentStateWords({ ...torrent, state: "checking", bytesChecked: 412 })).toBe("Prüft 41,2\u00a0%");
    expect(reasonWords("too-many-peers")).toBe("Die Höchstzahl an Verbindungen ist erreicht");
    expect(flagWords("S")).toEqual([{ letter: "S", words: "säumig: er schickt nichts mehr" }]);
    speak("en");
  });

  it("names the fault that stopped it", () => {
    const fault = { kind: "disk-full", path: "/x", cause: "ENOSPC", advice: "Free some." } as const;
    expect(torrentStateWords({ ...torrent, state: "stopped-by-fault", fault })).toBe("The disk is full");
    expect(torrentStateWords({ ...torrent, state: "stopped-by-fault" })).toBe("Stopped");
  });
});

describe("a peer", () => {
  it("has words for both sides of the choke", () => {
    expect(downloadWords({ weAreInterested: true, peerChokes: false })).toBe("it lets us download");
    expect(downloadWords({ weAreInterested: true, peerChokes: true })).toBe("we want its pieces, it chokes us");
    expect(uploadWords({ peerIsInterested: false, weChoke: false })).toBe("we offer, it needs nothing");
  });

  it("names which tracker gave it", () => {
    expect(sourceWords({ kind: "tracker", tracker: "http://t.example/announce" })).toBe(
      "tracker http://t.example/announce",
    );
    expect(sourceWords({ kind: "pex" })).toBe("peer exchange");
  });

  it("shows reserved bits that have no name", () => {
    const supports: PeerSupports = {
      extensionProtocol: true,
      fast: false,
      dht: false,
      v2: false,
      azureus: false,
      unknown: ["3:0x20"],
    };
    expect(supportsWords(supports)).toEqual(["extension protocol (BEP 10)", "unknown bit 3:0x20"]);
  });

  it("has words for every flag letter", () => {
    for (const { letter, words } of PEER_FLAGS) expect(flagWords(letter)).toEqual([{ letter, words }]);
    expect(flagWords("D=").map(({ words }) => words)).toEqual(["downloading from it", "seed: it has everything"]);
  });

  it("leaves with a reason that begins a sentence", () => {
    for (const reason of Object.keys(CLOSE_REASONS) as CloseReason[]) expect(reasonWords(reason)).toMatch(/^[A-Z]/);
  });
});

describe("a tracker's next announce", () => {
  it("is told as a distance, as now, or as never", () => {
    expect(nextAnnounceWords({ state: "working", nextAnnounceAt: 90_000 }, 0)).toBe("in 1 min 30 s");
    expect(nextAnnounceWords({ state: "failed", nextAnnounceAt: 90_000 }, 95_000)).toBe("now");
    expect(nextAnnounceWords({ state: "announcing" }, 0)).toBe("now");
    expect(nextAnnounceWords({ state: "unsupported" }, 0)).toBe("never");
    expect(nextAnnounceWords({ state: "waiting" }, 0)).toBe("not planned");
  });
});

describe("the last part of a path", () => {
  it("is found on every system", () => {
    expect(lastPart("/home/ada/a.torrent")).toBe("a.torrent");
    expect(lastPart("C:\\Users\\ada\\a.torrent")).toBe("a.torrent");
    expect(lastPart("http://x.example/a.torrent")).toBe("a.torrent");
    expect(lastPart("/folder/")).toBe("folder");
    expect(lastPart("")).toBe("");
  });
});
