import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Ban } from "../../../core/contract/views.ts";
import { EngineFixture, freshContent, HonestSeed } from "../hostile/engine-fixture.ts";

/** Far below the half minute after which a record is renewed anyway. */
const AT_ONCE = 20_000;

test("a pause is kept at once, also while a later renewal of the record is due", async () => {
  const content = freshContent();
  const seed = await HonestSeed.open(content);
  const engine = new EngineFixture();
  onTestFinished(async () => {
    await engine.stop();
    await seed.listener.close();
  });
  await engine.start();
  const torrent = await engine.add(content);
  await engine.connect(torrent, seed.port);
  // Each piece asks for a renewal, and the last is kept back.
  const all = content.metainfo.pieceCount;
  await engine.seen((state) => state.torrents.get(torrent)?.piecesVerified === all - 1 || undefined);
  const state = join(engine.folder, "state");
  const record = () => {
    const name = readdirSync(state).find((file) => file.endsWith(".resume"));
    return name === undefined ? "" : readFileSync(join(state, name), "latin1");
  };
  await expect.poll(record, { timeout: AT_ONCE }).toMatch(/"isPaused": ?false/);
  await engine.command({ kind: "pause", torrent });
  await expect.poll(record, { timeout: AT_ONCE }).toMatch(/"isPaused": ?true/);
});

test("a ban holds after a restart, and is gone for good once it is lifted", async () => {
  const content = freshContent();
  const seed = await HonestSeed.open(content);
  const engine = new EngineFixture();
  onTestFinished(async () => {
    await engine.stop();
    await seed.listener.close();
  });
  const bans = () => engine.command<readonly Ban[]>({ kind: "list-bans" });
  await engine.start();
  const torrent = await engine.add(content);
  await engine.connect(torrent, seed.port);
  const peer = await engine.seen(() => {
    for (const one of engine.details(torrent).peers?.values() ?? []) if (one.phase === "open") return one.id;
    return undefined;
  });
  await engine.command({ kind: "ban", torrent, peer });
  expect(await engine.gone(torrent, seed.port)).toMatchObject({ reason: "banned", code: -201, by: "user" });
  const made = await bans();
  expect(made).toMatchObject([{ party: `127.0.0.1:${seed.port}`, by: "user", torrent, evidence: "banned by hand" }]);
  await engine.restart();
  expect(await bans()).toEqual(made);
  await expect(engine.connect(torrent, seed.port)).rejects.toThrow(/is banned: banned by hand\. Lift the ban first/);
  await engine.command({ kind: "lift-ban", party: `127.0.0.1:${seed.port}` });
  await expect(engine.command({ kind: "lift-ban", party: `127.0.0.1:${seed.port}` })).rejects.toThrow(/is not banned/);
  await engine.restart();
  expect(await bans()).toEqual([]);
});
