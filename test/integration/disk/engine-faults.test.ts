import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { needs } from "../../setup/requirements.ts";
import { EngineFixture, freshContent, HonestSeed, sha256 } from "../hostile/engine-fixture.ts";

const mount = (options: string, folder: string) =>
  spawnSync("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;

const mounting = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only the superuser of Linux may mount";
  const folder = mkdtempSync(join(tmpdir(), "peerscope-mount-"));
  const isMounted = mount("size=64k", folder);
  if (isMounted) spawnSync("/bin/umount", ["-l", folder]);
  rmSync(folder, { recursive: true });
  return isMounted ? undefined : "this machine does not let a test mount";
})();

/** An engine that downloads onto a volume of its own from a seed that gives everything. */
async function downloadingOnto(options: string) {
  const content = freshContent();
  const seed = await HonestSeed.open(content);
  seed.giveEverything();
  const engine = new EngineFixture();
  const downloads = join(engine.folder, "downloads");
  mkdirSync(downloads);
  expect(mount(options, downloads)).toBe(true);
  onTestFinished(async () => {
    spawnSync("/bin/umount", ["-l", downloads]);
    await engine.stop();
    await seed.listener.close();
  });
  await engine.start();
  const torrent = await engine.add(content);
  await engine.connect(torrent, seed.port);
  const view = () => engine.state.torrents.get(torrent);
  const faulted = () =>
    engine.seen((state) => {
      const seen = state.torrents.get(torrent);
      return seen?.state === "stopped-by-fault" ? seen.fault : undefined;
    });
  return { content, engine, torrent, downloads, view, faulted };
}

describe("a torrent on a volume of its own", needs(mounting), () => {
  test("is stopped by a full disk with path and cause, and loses nothing of it when it goes on", async () => {
    const { content, engine, torrent, downloads, view, faulted } = await downloadingOnto("size=512k");
    expect(await faulted()).toMatchObject({
      kind: "disk-full",
      path: join(downloads, content.metainfo.name),
      cause: "ENOSPC: no space left on device",
    });
    const verified = view()?.piecesVerified ?? 0;
    expect(verified).toBeGreaterThan(0);
    await engine.command({ kind: "resume", torrent });
    await engine.seen((state) => state.torrents.get(torrent)?.state === "downloading" || undefined);
    expect(await faulted()).toMatchObject({ kind: "disk-full" });
    expect(view()?.piecesVerified).toBeGreaterThanOrEqual(verified);
    spawnSync("/bin/mount", ["-o", "remount,size=4m", downloads]);
    await engine.command({ kind: "resume", torrent });
    await engine.complete(torrent);
    expect(engine.sha256(content)).toBe(sha256(content.bytes));
    expect(engine.details(torrent).log?.filter(({ kind }) => kind === "checking")).toHaveLength(1);
  });

  test("is stopped by a read-only volume, and goes on when told to", async () => {
    const { content, engine, torrent, downloads, faulted } = await downloadingOnto("size=4m,ro");
    expect(await faulted()).toMatchObject({ kind: "read-only", cause: "EROFS: read-only file system" });
    spawnSync("/bin/mount", ["-o", "remount,rw", downloads]);
    await engine.command({ kind: "resume", torrent });
    await engine.complete(torrent);
    expect(engine.sha256(content)).toBe(sha256(content.bytes));
  });
});
