import { expect, test } from "vitest";
import { torrentFile } from "../../../core/metainfo/torrent-file.ts";
import { fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";
import { multiFile, parsed } from "./torrents.ts";

const bare = parsed(multiFile([{ path: ["a.mkv"] }, { path: ["b.srt"], length: 5 }]));

test("a .torrent around the info of another says the same, and has its hash", () => {
  const around = {
    trackerTiers: [["http://a/announce", "http://b/announce"], ["udp://c:80"]],
    webSeeds: ["http://d/"],
    httpSeeds: ["http://e/seed"],
    nodes: [{ host: "router.example", port: 6881 }],
    comment: "für alle",
    createdBy: "somebody",
    createdAt: 1_700_000_000_000,
  };
  const torrent = parsed(torrentFile(bare.infoBytes, around));
  expect(torrent).toMatchObject({ ...around, infoHash: bare.infoHash, files: bare.files, warnings: [] });
});

test("one tracker needs no list, and none no word", () => {
  const one = torrentFile(bare.infoBytes, { trackerTiers: [["http://a/announce"]], webSeeds: [] });
  expect(toLatin1(one)).toContain("d8:announce17:http://a/announce4:info");
  expect(toLatin1(one)).not.toContain("announce-list");
  expect(parsed(one).trackerTiers).toEqual([["http://a/announce"]]);
  expect(toLatin1(torrentFile(fromLatin1("de"), { trackerTiers: [], webSeeds: [] }))).toBe("d4:infodee");
});
