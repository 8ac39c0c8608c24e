import { describe, expect, it } from "vitest";
import type { TorrentView } from "../../../core/contract/views.ts";
import { nextSort, torrentOrder } from "../../../renderer/store/sorting.ts";

const torrent = (id: string, change: Partial<TorrentView>) => ({ id, name: id, addedAt: 0, ...change }) as TorrentView;

describe("the order of the torrent list", () => {
  it("is by age until a column is chosen", () => {
    const torrents = [torrent("new", { addedAt: 2 }), torrent("old", { addedAt: 1 })];
    expect(torrentOrder(torrents, undefined)).toEqual(["old", "new"]);
  });

  it("has numbers in names as people count", () => {
    const torrents = ["Part 10", "part 9", "Part 1"].map((name) => torrent(name, { name }));
    expect(torrentOrder(torrents, { column: "name", descending: false })).toEqual(["Part 1", "part 9", "Part 10"]);
  });

  it("has those that never end last", () => {
    const torrents = [torrent("never", {}), torrent("soon", { eta: 5 }), torrent("also never", {})];
    expect(torrentOrder(torrents, { column: "eta", descending: false })).toEqual(["soon", "never", "also never"]);
  });

  it("goes up, down, and back to how it was", () => {
    const up = nextSort(undefined, "size");
    expect(up).toEqual({ column: "size", descending: false });
    const down = nextSort(up, "size");
    expect(down).toEqual({ column: "size", descending: true });
    expect(nextSort(down, "size")).toBeUndefined();
    expect(nextSort(down, "name")).toEqual({ column: "name", descending: false });
  });
});
