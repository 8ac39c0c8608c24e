import { describe, expect } from "vitest";
import type { Payload } from "../setup/payload.ts";
import { requirePrivateNetwork } from "../setup/private-network.ts";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { startLibtorrent } from "./clients/libtorrent.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { test } from "./network-lab.ts";

const payload: Payload = { name: "near", pieceLength: 16 * 1024, files: [{ length: 300_000 }] };

describe(
  "on a local network, without a tracker",
  needs(requirePeerscope(), requireLibtorrent(), requirePrivateNetwork()),
  () => {
    test("we find libtorrent", async ({ openLab, network, run }) => {
      const lab = openLab(payload);
      await run(startLibtorrent({ ...lab.seedJob(), network }, { trusted: true }));
      const job = { ...lab.leechJob(), network };
      const ours = await run(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });

    test("libtorrent finds us", async ({ openLab, network, run }) => {
      const lab = openLab(payload);
      const job = { ...lab.leechJob(), network };
      const theirs = await run(startLibtorrent(job));
      await run(startPeerscope({ ...lab.seedJob(), network }));
      await theirs.completed();
      // It may hold the last pieces in its cache until it ends.
      await theirs.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });

    test.for(["ipv4", "ipv6"] as const)(
      "two of us find each other over %s",
      async (family, { openLab, network: place, run }) => {
        const network = { host: place.hosts[family], inside: place.inside.bind(place) };
        const lab = openLab(payload);
        const seed = await run(startPeerscope({ ...lab.seedJob(), network }));
        await seed.completed();
        const job = { ...lab.leechJob(), network };
        const leech = await run(startPeerscope(job));
        await leech.completed();
        expect(lab.downloaded(job)).toEqual(lab.expected());
        const dialled = [...seed.events, ...leech.events].filter(({ event }) => event === "peer");
        expect(JSON.stringify(dialled)).toContain('"lsd"');
      },
    );
  },
);
