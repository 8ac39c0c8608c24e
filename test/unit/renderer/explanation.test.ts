import { describe, expect, it } from "vitest";
import { type PeerView, PIECE_STATE } from "../../../core/contract/views.ts";
import { explainPeer, explainTorrent } from "../../../renderer/format/explanation.ts";
import { speak } from "../../../renderer/words/say.ts";
import { FakeSwarm } from "./fake-swarm.ts";

const [model] = new FakeSwarm(10, 1, 1, 0).peers.values();

const idle = {
  ...(model as unknown as PeerView),
  phase: "open",
  pieces: Uint8Array.of(0xff),
  downRate: 0,
  upRate: 0,
  weAreInterested: false,
  peerChokes: true,
  weChoke: true,
  peerIsInterested: false,
  isSnubbed: false,
  isOnParole: false,
  requestsOut: 0,
  requestsIn: 0,
} as const satisfies PeerView;

const peers = (count: number, change: Partial<PeerView>): PeerView[] =>
  Array.from({ length: count }, () => ({ ...idle, ...change }));

const downloading = { state: "downloading", downRate: 0, upRate: 0 } as const;

describe("why a torrent is not moving", () => {
  it("is told of its peers and pieces in one sentence", () => {
    const all = [
      ...peers(4, { weAreInterested: true }),
      ...peers(1, { weAreInterested: true, peerChokes: false, isSnubbed: true, requestsOut: 1 }),
      ...peers(1, { weAreInterested: true, peerChokes: false, requestsOut: 3 }),
      ...peers(3, {}),
      ...peers(2, { phase: "connecting" }),
      ...peers(1, { phase: "queued" }),
    ];
    const pieces = {
      states: Uint8Array.of(PIECE_STATE.missing, PIECE_STATE.failed, PIECE_STATE.verified, PIECE_STATE.missing, 5),
      availability: Uint8Array.of(0, 0, 0, 1, 0),
    };
    expect(explainTorrent(downloading, all, pieces)).toBe(
      "4 of 9 peers choke us, 1 lets our requests lie, 1 owes us blocks, 3 have nothing we need, " +
        "2 are still connecting, 1 waits for a free dial; 2 pieces exist nowhere: waiting for a seed.",
    );
  });

  it("counts to one", () => {
    const pieces = { states: Uint8Array.of(0), availability: Uint8Array.of(0) };
    expect(explainTorrent(downloading, peers(1, { weAreInterested: true }), pieces)).toBe(
      "The only connected peer chokes us; 1 piece exists nowhere: waiting for a seed.",
    );
    expect(explainTorrent(downloading, [], undefined)).toBe("No peer is known yet.");
  });

  it("is told in German, too", () => {
    speak("de");
    const pieces = { states: Uint8Array.of(0, 0), availability: Uint8Array.of(0, 0) };
    const all = [...peers(2, { weAreInterested: true }), ...peers(1, {}), ...peers(1, { phase: "connecting" })];
    expect(explainTorrent(downloading, all, pieces)).toBe(
      "2 von 3 Peers drosseln uns, 1 hat nichts, was wir brauchen, 1 verbindet sich noch; " +
        "2 Teile gibt es nirgends: wir warten auf einen Seed.",
    );
    speak("en");
  });

  it("is not told while it moves, nor where its state says all", () => {
    expect(explainTorrent({ ...downloading, downRate: 5 }, peers(1, {}), undefined)).toBeUndefined();
    expect(explainTorrent({ ...downloading, state: "paused" }, [], undefined)).toBeUndefined();
    expect(explainTorrent({ ...downloading, state: "seeding", upRate: 5 }, [], undefined)).toBeUndefined();
  });

  it("is told of a seed, too", () => {
    const seeding = { ...downloading, state: "seeding" } as const;
    const explained = (all: PeerView[]) => explainTorrent(seeding, all, undefined);
    expect(explained([])).toBe("Nobody is connected.");
    expect(explained(peers(3, {}))).toBe("None of 3 peers wants anything of ours.");
    expect(explained(peers(2, { peerIsInterested: true }))).toBe("2 wait for a place.");
    expect(
      explained([...peers(1, { peerIsInterested: true, weChoke: false }), ...peers(1, { peerIsInterested: true })]),
    ).toBe("1 of 2 peers may ask and asks for nothing, 1 waits for a place.");
  });

  it("is told of a magnet link's torrent", () => {
    const fetching = { ...downloading, state: "fetching-metadata", metadata: { received: 0, size: 0 } } as const;
    expect(explainTorrent(fetching, [], undefined)).toBe("No peer is known yet.");
    expect(explainTorrent(fetching, peers(2, { phase: "connecting" }), undefined)).toBe("2 are still connecting.");
    expect(explainTorrent(fetching, peers(2, {}), undefined)).toBe("2 peers connected, none has offered the metadata.");
    const known = { ...fetching, metadata: { received: 0, size: 5 } };
    expect(explainTorrent(known, peers(2, {}), undefined)).toBeUndefined();
  });
});

describe("why a peer is connected yet idle", () => {
  it.each<[string, Partial<PeerView>]>([
    ["It has nothing we need, it wants nothing of ours.", {}],
    ["It has not told what it has, it wants nothing of ours.", { pieces: undefined as never }],
    ["It chokes us: we wait for a place among those it serves, it wants nothing of ours.", { weAreInterested: true }],
    [
      "It lets our requests lie, and is asked for one block at a time, it may ask and asks for nothing.",
      { weAreInterested: true, peerChokes: false, isSnubbed: true, peerIsInterested: true, weChoke: false },
    ],
    [
      "It owes us 2 blocks, we choke it: it waits for a place among those we serve.",
      { weAreInterested: true, peerChokes: false, requestsOut: 2, peerIsInterested: true },
    ],
    [
      "All that it has of what we need is asked of others, it waits for 1 block of ours.",
      { weAreInterested: true, peerChokes: false, peerIsInterested: true, weChoke: false, requestsIn: 1 },
    ],
    [
      "It is on parole, and gets whole pieces to itself when there are any, it wants nothing of ours.",
      { weAreInterested: true, peerChokes: false, isOnParole: true },
    ],
  ])("%s", (words, change) => {
    expect(explainPeer({ ...idle, ...change })).toBe(words);
  });

  it("is not told of one that gives or takes, or is not open", () => {
    expect(explainPeer({ ...idle, downRate: 9 })).toBeUndefined();
    expect(explainPeer({ ...idle, upRate: 9 })).toBeUndefined();
    expect(explainPeer({ ...idle, phase: "connecting" })).toBeUndefined();
  });
});
