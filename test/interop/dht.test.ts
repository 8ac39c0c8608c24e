import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Payload } from "../setup/payload.ts";
import { requirePrivateNetwork } from "../setup/private-network.ts";
import { needs, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { LibtorrentDht } from "./clients/libtorrent-dht.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { startTransmissionInDht } from "./clients/transmission.ts";
import { test } from "./lab.ts";
import { linkOf } from "./link.ts";
import { test as inNetwork } from "./network-lab.ts";

/** How long a client may take until it announces what it has, and looks for what it lacks. */
const PATIENCE = 110_000;
/** Transmission asks one of the nodes that it knows every two seconds, later every fifteen. */
const TRANSMISSIONS_PATIENCE = 2 * PATIENCE;
/** So many that Transmission takes the network for one. */
const NODES = 12;

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

  // Its DHT is Juliusz Chroboczek's, which drops unread what comes from loopback, and announces once it knows nine nodes.
  describe(
    "and Transmission",
    needs(requirePeerscope(), requireLibtorrent(), requireCommand("transmission-remote"), requirePrivateNetwork()),
    () => {
      inNetwork(
        "gives us what Transmission announced, by its magnet link alone",
        { timeout: TRANSMISSIONS_PATIENCE },
        async ({ openLab, network, run }) => {
          const lab = openLab(payload("theirs"));
          const dht = await run(LibtorrentDht.start(NODES, network));
          const theirs = await run(startTransmissionInDht({ ...lab.seedJob(), network }, dht.ports));
          await theirs.announced();
          const job = { ...lab.leechJob(), network, torrent: linkOf(lab.torrent) };
          const begin = ["--no-lsd", "--dht-node", `${network.host}:${dht.ports[0]}`];
          const ours = await run(startPeerscope(job, begin));
          await ours.completed();
          expect(lab.downloaded(job)).toEqual(lab.expected());
          const dialled = ours.events.filter(({ event }) => event === "peer");
          expect(JSON.stringify(dialled)).toContain("dht");
        },
      );

      inNetwork(
        "gives Transmission what we announced, by its magnet link alone",
        { timeout: TRANSMISSIONS_PATIENCE },
        async ({ openLab, network, run }) => {
          const lab = openLab(payload("ours"));
          const dht = await run(LibtorrentDht.start(NODES, network));
          const begin = ["--no-lsd", "--dht-node", `${network.host}:${dht.ports[0]}`];
          const ours = await run(startPeerscope({ ...lab.seedJob(), network }, begin));
          await ours.completed();
          const job = { ...lab.leechJob(), network, torrent: linkOf(lab.torrent) };
          const theirs = await run(startTransmissionInDht(job, dht.ports));
          await theirs.completed();
          expect(lab.downloaded(job)).toEqual(lab.expected());
        },
      );
    },
  );
});
