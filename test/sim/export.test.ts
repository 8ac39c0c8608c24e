import { expect, test } from "vitest";
import { parseMagnet } from "../../core/metainfo/magnet.ts";
import { readTorrent } from "../../core/metainfo/read.ts";
import { Bitfield } from "../../core/model/bitfield.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { exportTorrent } from "../../core/session/torrent-export.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { World } from "./support/world.ts";

const FIRST = "http://first.test/announce";
const LATER = "udp://later.test:6969/announce";
const SEED = "https://seed.test/files/";
const content = makeContent([MIB, 300 * KIB], 64 * KIB, { trackers: [FIRST], webSeeds: [SEED] });

test("a torrent is given on as a magnet link and a .torrent, with the trackers that it has by then", () => {
  const machine = new World(1).machine();
  const torrent = machine.share(content);
  torrent.mergeTrackers([[LATER]], machine.now);
  const { magnet, file } = exportTorrent(torrent);

  const link = parseMagnet(magnet);
  if (!link.ok) throw new Error(link.fault);
  expect(link.magnet).toMatchObject({
    infoHash: content.metainfo.infoHash,
    name: content.metainfo.name,
    trackerTiers: [[FIRST], [LATER]],
    webSeeds: [SEED],
  });
  const opened = readTorrent(file ?? new Uint8Array(0), nodeDigest);
  if (!opened.ok) throw new Error(opened.fault.words);
  expect(opened.torrent).toMatchObject({
    infoHash: content.metainfo.infoHash,
    trackerTiers: [[FIRST], [LATER]],
    webSeeds: [SEED],
    warnings: [],
  });
});

test("while the metadata is missing there is a magnet link, and no .torrent", () => {
  const machine = new World(2).machine();
  const known = `magnet:?xt=urn:btih:${"ab".repeat(20)}&dn=A%20name&tr=${encodeURIComponent(FIRST)}`;
  const parsed = readTorrent(new TextEncoder().encode(known), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  const torrent = machine.share(
    { ...content, metainfo: parsed.torrent, bytes: new Uint8Array(0) },
    { record: { verified: new Bitfield(0), unchecked: new Bitfield(0) } },
  );
  expect(exportTorrent(torrent)).toEqual({ magnet: known });
});
