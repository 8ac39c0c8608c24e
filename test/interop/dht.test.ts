import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Payload } from "../setup/payload.ts";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { LibtorrentDht } from "./clients/libtorrent-dht.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { test } from "./lab.ts";
import { linkOf } from "./link.ts";

/** How long a client may take until it announces what it has, and looks for what it lacks. */
const PATIENCE = 110_000;

function payload(name: string): Payload {
  return { name, pieceLength: 16 * 1024, files: [{ length: 300_000 }] };
}

describe("a DHT of libtorrent's nodes, no tracker, and nobody who is told of anybody", () => {
  describe("alone", needs(requirePeerscope(), requireLibtorrent()), () => {
    let dht: LibtorrentDht;
    beforeAll(async () => {
      dht = await LibtorrentDht.start(5);
    });
    afterAll(() => dht?.stop());

    const begin = () => ["--dht-node", `127.0.0.1:${dht.ports[0]}`];

    test("gives us what libtorrent announced, by its magnet link alone", { timeout: PATIENCE }, async ({ openLab }) => {
      const lab = openLab(payload("theirs"));
      await dht.take(lab.torrent, lab.sourceFolder, true);
      const job = lab.leechJob();
      const ours = await lab.start(startPeerscope({ ...job, torrent: linkOf(lab.torrent) }, begin()));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
      const dialled = ours.events.filter(({ event }) => event === "peer");
      expect(JSON.stringify(dialled)).toContain("dht");
    });

    test("gives libtorrent what we announced, by its magnet link alone", { timeout: PATIENCE }, async ({ openLab }) => {
      const lab = openLab(payload("ours"));
      const ours = await lab.start(startPeerscope(lab.seedJob(), begin()));
      await ours.completed();
      const job = lab.leechJob();
      await dht.take(linkOf(lab.torrent), job.folder, false);
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });

    test("lets two of us find each other", { timeout: PATIENCE }, async ({ openLab }) => {
      const lab = openLab(payload("between us"));
      const seed = await lab.start(startPeerscope(lab.seedJob(), begin()));
      await seed.completed();
      const job = lab.leechJob();
      const leech = await lab.start(startPeerscope({ ...job, torrent: linkOf(lab.torrent) }, begin()));
      await leech.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });
  });

  // Its DHT is Juliusz Chroboczek's, which drops what comes from a loopback address unread ("martian") and enters no such
  // node; `dht.bootstrap` in its folder makes it ask, but not listen. It also announces only once it knows nine nodes.
  describe("and Transmission", needs("Transmission's DHT passes over nodes on loopback"), () => {
    test("gives us what Transmission announced, by its magnet link alone", () => expect.unreachable());
    test("gives Transmission what we announced, by its magnet link alone", () => expect.unreachable());
  });
});
