import { describe, expect } from "vitest";
import { needs, requireCommand, requireLibtorrent } from "../setup/requirements.ts";
import { libtorrent } from "./clients/libtorrent.ts";
import { type Nginx, startNginx, withWebSeed } from "./clients/nginx.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { test as base } from "./lab.ts";
import { linkOf } from "./link.ts";
import { payloads, shared } from "./payloads.ts";

const test = base.extend<{ serve: (folder: string, more?: string) => Promise<Nginx> }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures this one needs.
  serve: async ({}, use) => {
    const open: Nginx[] = [];
    await use(async (folder, more) => {
      const server = await startNginx(folder, more);
      open.push(server);
      return server;
    });
    await Promise.all(open.map((server) => server.stop()));
  },
});

describe("nginx", needs(requirePeerscope(), requireCommand("nginx")), () => {
  test.for(payloads)("gives us $words", async ({ payload }, { openLab, serve }) => {
    const lab = openLab(payload);
    const server = await serve(lab.sourceFolder);
    const job = { ...lab.leechJob(), torrent: withWebSeed(lab.torrent, `${server.origin}/`) };
    const ours = await lab.start(startPeerscope(job));
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected());
    expect(server.answers().every((answer) => answer.startsWith("206 "))).toBe(true);
  });

  test("that knows no ranges gives us a small file", async ({ openLab, serve }) => {
    const lab = openLab({ name: "small.bin", pieceLength: 16_384, files: [{ length: 1_000_000 }] });
    const server = await serve(lab.sourceFolder, "max_ranges 0;");
    const job = { ...lab.leechJob(), torrent: withWebSeed(lab.torrent, `${server.origin}/small.bin`) };
    const ours = await lab.start(startPeerscope(job));
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected());
    expect(server.answers().every((answer) => answer.startsWith("200 "))).toBe(true);
  });

  test("and libtorrent together give us a torrent", needs(requireLibtorrent()), async ({ openLab, serve }) => {
    const lab = openLab(shared);
    const server = await serve(lab.sourceFolder, "limit_rate 4m;");
    const seed = await lab.start(libtorrent.seed(lab.seedJob()));
    const job = { ...lab.leechJob([seed.endpoint]), torrent: withWebSeed(lab.torrent, `${server.origin}/`) };
    const ours = await lab.start(startPeerscope(job));
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected());
    expect(server.answers().length).toBeGreaterThan(0);
  });

  test(
    "gives us what a magnet link names, once libtorrent gave the metadata",
    needs(requireLibtorrent()),
    async ({ openLab, serve }) => {
      const lab = openLab(shared);
      const server = await serve(lab.sourceFolder);
      const seed = await lab.start(libtorrent.seed(lab.seedJob()));
      const link = `${linkOf(lab.torrent)}&ws=${encodeURIComponent(`${server.origin}/`)}`;
      const job = { ...lab.leechJob([seed.endpoint]), torrent: link };
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    },
  );
});
