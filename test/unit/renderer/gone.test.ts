import { describe, expect, test } from "vitest";
import type { Ban, GonePeer } from "../../../core/contract/views.ts";
import { banOf, fits, goneBars, goneOrder } from "../../../renderer/store/gone.ts";

const gone = (peer: number, change: Partial<GonePeer> = {}): GonePeer => ({
  peer,
  host: `203.0.113.${peer}`,
  port: 6881,
  direction: "outgoing",
  transport: "tcp",
  client: "Transmission 4.0.6",
  reason: "inactive",
  code: -40,
  by: "us",
  detail: "after 120 s without a byte",
  at: 1000 + peer,
  flags: "d",
  sources: ["tracker"],
  payloadDown: 0,
  payloadUp: 0,
  ...change,
});

const ban = (change: Partial<Ban>): Ban => ({
  party: "203.0.113.1",
  evidence: "banned by hand",
  by: "user",
  at: 1,
  torrent: "ab".repeat(20),
  torrentName: "Some",
  ...change,
});

describe("those who are gone", () => {
  const peers = [
    gone(1, { client: "qBittorrent 4.6.7", sources: ["dht", "pex"] }),
    gone(2, { client: "qBittorrent/4.5", reason: "bad-message" }),
    gone(3, { sources: ["dht"], connectedAt: 500 }),
    gone(4, { client: "libtorrent (Rasterbar) 2.0.8" }),
  ];

  test("are counted by reason, by client whatever its version, and by each source that named them", () => {
    const counted = (by: "reason" | "client" | "source") => goneBars(peers, by).map(({ key, count }) => [key, count]);
    expect(counted("reason")).toEqual([
      ["inactive", 3],
      ["bad-message", 1],
    ]);
    expect(counted("client")).toEqual([
      ["qBittorrent", 2],
      ["libtorrent (Rasterbar)", 1],
      ["Transmission", 1],
    ]);
    expect(new Map(counted("source") as [string, number][])).toEqual(
      new Map([
        ["dht", 2],
        ["pex", 1],
        ["tracker", 2],
      ]),
    );
  });

  test("fit what was chosen of every count", () => {
    const chosen = peers.filter((peer) => fits(peer, { client: "qBittorrent", source: "dht" }));
    expect(chosen.map(({ peer }) => peer)).toEqual([1]);
    expect(peers.filter((peer) => fits(peer, {}))).toHaveLength(4);
  });

  test("are shown newest first, or as sorted, with what is not known last", () => {
    expect(goneOrder(peers, undefined).map(({ peer }) => peer)).toEqual([4, 3, 2, 1]);
    expect(goneOrder(peers, { column: "stay", descending: true })[0]?.peer).toBe(3);
    expect(goneOrder(peers, { column: "when", descending: false }).map(({ peer }) => peer)).toEqual([1, 2, 3, 4]);
  });

  test("are kept away by a ban of their address, or of their id where many share that", () => {
    expect(banOf(gone(1), [ban({})])?.party).toBe("203.0.113.1");
    expect(banOf(gone(2), [ban({})])).toBeUndefined();
    const local = { host: "127.0.0.1", port: 40_000, reason: "banned", detail: "piece 3 failed" } as const;
    const byId = ban({ party: `127.0.0.1 ${"ab".repeat(20)}`, evidence: "piece 3 failed" });
    expect(banOf(gone(3, local), [byId])).toBe(byId);
    expect(banOf(gone(3, { ...local, reason: "inactive" }), [byId])).toBeUndefined();
  });
});
