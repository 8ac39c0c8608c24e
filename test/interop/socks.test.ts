import { describe, expect } from "vitest";
import type { Payload } from "../setup/payload.ts";
import { needs, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { LibtorrentDht } from "./clients/libtorrent-dht.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { startDante, startMicrosocks } from "./clients/socks.ts";
import { test } from "./lab.ts";
import { linkOf } from "./link.ts";

const payload: Payload = { name: "through", pieceLength: 16 * 1024, files: [{ length: 300_000 }] };

describe("through a SOCKS proxy of others", needs(requirePeerscope()), () => {
  test("we connect: microsocks", needs(requireCommand("microsocks")), async ({ openLab, onTestFinished }) => {
    const lab = openLab(payload);
    const proxy = await startMicrosocks();
    onTestFinished(() => proxy.stop());
    const seed = await lab.start(startPeerscope(lab.seedJob()));
    await seed.completed();
    const job = lab.leechJob([seed.endpoint]);
    const ours = await startPeerscope(job, ["--proxy", `socks5://127.0.0.1:${proxy.port}`, "--port", "0"]);
    onTestFinished(() => ours.stop());
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected());
  });

  test("a magnet link alone gives us what libtorrent announced, in its DHT and over uTP: Dante", {
    ...needs(requireCommand("danted"), requireLibtorrent()),
    timeout: 110_000,
  }, async ({ openLab, onTestFinished }) => {
    const lab = openLab(payload);
    const proxy = await startDante(lab.freshFolder("proxy"));
    onTestFinished(() => proxy.stop());
    const dht = await LibtorrentDht.start(5);
    onTestFinished(() => dht.stop());
    await dht.take(lab.torrent, lab.sourceFolder, true);
    const job = { ...lab.leechJob(), torrent: linkOf(lab.torrent), transport: "utp" } as const;
    const way = [
      "--port",
      "0",
      "--proxy",
      `socks5://127.0.0.1:${proxy.port}`,
      "--dht-node",
      `127.0.0.1:${dht.ports[0]}`,
    ];
    const ours = await startPeerscope(job, way);
    onTestFinished(() => ours.stop());
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected());
    const dialled = JSON.stringify(ours.events.filter(({ event }) => event === "peer"));
    expect(dialled).toContain('"utp"');
    expect(dialled).toContain("dht");
  });
});
