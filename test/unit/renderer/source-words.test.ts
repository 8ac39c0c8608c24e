import { describe, expect, it } from "vitest";
import type { SourceView } from "../../../core/contract/views.ts";
import type { PeerSource } from "../../../core/model/peer-face.ts";
import { bucketWords, standingWords, tableSentence, waitingWords } from "../../../renderer/format/describe-dht.ts";
import {
  nextSearchWords,
  sourceMeaning,
  sourceStateWords,
  sourceTitle,
} from "../../../renderer/format/source-words.ts";

const words = (source: PeerSource, state: SourceView["state"]) => sourceStateWords({ source, state });

describe("a source of peers", () => {
  it("goes by its name, or by its address", () => {
    expect(sourceTitle({ kind: "dht" })).toBe("DHT");
    expect(sourceTitle({ kind: "tracker", tracker: "udp://t.example:1" })).toBe("udp://t.example:1");
    expect(sourceTitle({ kind: "web-seed", url: "https://w.example/" })).toBe("https://w.example/");
    expect(sourceMeaning("pex")).toMatch(/^Peers tell each other/);
  });

  it("says how it stands", () => {
    expect(words({ kind: "dht" }, "off")).toBe("Off in the settings");
    expect(words({ kind: "lsd" }, "private")).toBe("Not for private torrents");
    expect(words({ kind: "pex" }, "on")).toBe("On");
    expect(words({ kind: "dht" }, "waiting")).toBe("No nodes yet");
    expect(words({ kind: "dht" }, "on")).toBe("Announced");
    expect(words({ kind: "incoming" }, "off")).toBe("Nothing listens");
    expect(words({ kind: "web-seed", url: "https://w.example/" }, "waiting")).toBe("Not in use");
    expect(words({ kind: "web-seed", url: "https://w.example/" }, "on")).toBe("Connected");
    expect(words({ kind: "web-seed", url: "https://w.example/" }, "failed")).toBe("Failed");
  });

  it("says when it is searched next", () => {
    expect(nextSearchWords({ state: "searching" }, 0)).toBe("now");
    expect(nextSearchWords({ state: "on", nextAt: 120_000 }, 0)).toBe("in 2 min");
    expect(nextSearchWords({ state: "on", nextAt: 5 }, 10)).toBe("now");
    expect(nextSearchWords({ state: "off" }, 0)).toBe("–");
  });
});

describe("the DHT", () => {
  const family = {
    family: "ipv4",
    id: "a".repeat(40),
    isProper: true,
    votes: [],
    isReadOnly: false,
    nodes: 9,
    buckets: [{ sharedBits: 0, nodes: 8, proper: 5, silent: 1, spare: 2 }],
  } as const;

  it("has its buckets and its table told in words", () => {
    expect(bucketWords(family.buckets[0])).toBe(
      "8 nodes, 5 with an id bound to its address, 1 silent, 2 waiting for a place",
    );
    expect(bucketWords({ sharedBits: 1, nodes: 0, proper: 0, silent: 0, spare: 0 })).toBe("0 nodes");
    expect(tableSentence(family)).toBe("9 nodes over IPv4 in 1 bucket.");
  });

  it("says how many lookups wait", () => {
    expect([waitingWords(0, 0), waitingWords(4, 0), waitingWords(2, 3)]).toEqual(["", "4 waiting", "2 more waiting"]);
  });

  it("says whether others rely on us", () => {
    expect(standingWords(family)).toMatch(/^Not known yet/);
    expect(standingWords({ ...family, address: "192.0.2.1" })).toMatch(/fits our address/);
    expect(standingWords({ ...family, address: "192.0.2.1", isProper: false })).toMatch(/does not fit/);
    expect(standingWords({ ...family, address: "192.0.2.1", isReadOnly: true })).toMatch(/^Read-only/);
  });
});
