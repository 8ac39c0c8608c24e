import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { readIpFilter } from "../../../core/runtime/ip-filter-file.ts";
import { EMPTY_ENGINE_STATE } from "../../../renderer/store/engine-state.ts";
import { EngineFixture, freshContent, HonestSeed } from "../hostile/engine-fixture.ts";
import { startHttpFixture } from "../trackers/http-fixture.ts";

const fixture = new EngineFixture();
beforeAll(() => fixture.start());
afterAll(() => fixture.stop());

function listOf(text: string | Uint8Array, name = "list"): string {
  const path = join(fixture.folder, name);
  writeFileSync(path, text);
  return path;
}
const filterBy = (ipFilter: string) => fixture.command({ kind: "change-settings", settings: { ipFilter } });
const words = () => fixture.state.session?.ipFilter;

describe("the file of blocked addresses", () => {
  test("is read when it is set, packed or not, and read anew when it is set again", async () => {
    const path = listOf("a:192.0.2.1-192.0.2.9\n");
    await filterBy(path);
    expect(words()).toBe("1 range of addresses blocked");
    listOf(gzipSync("198.51.100.0/24\n203.0.113.5\nnonsense\n"));
    await filterBy(path);
    expect(words()).toBe("2 ranges of addresses blocked; 1 line not understood, the first is line 3");
    await filterBy("");
    expect(words()).toBeUndefined();
  });

  test("that is no list, or can't be read, is refused in words and leaves all as it was", async () => {
    await filterBy(listOf("192.0.2.1\n"));
    const page = listOf("<!doctype html>\n<html></html>", "page");
    await expect(filterBy(page)).rejects.toThrow(`${page} is no list of addresses: line 1 says "<!doctype html>"`);
    await expect(filterBy(join(fixture.folder, "none"))).rejects.toThrow(/ENOENT/);
    mkdirSync(join(fixture.folder, "inner"), { recursive: true });
    await expect(filterBy(join(fixture.folder, "inner"))).rejects.toThrow("is a folder");
    await expect(filterBy(listOf(gzipSync("192.0.2.1\n").subarray(0, 15), "torn"))).rejects.toThrow(/unexpected end/);
    expect(words()).toBe("1 range of addresses blocked");
    expect(fixture.state.session?.settings.ipFilter).toBe(join(fixture.folder, "list"));
  });

  test("holds for the next start; one that is gone by then is missed aloud", async () => {
    const path = listOf("192.0.2.1\n");
    await filterBy(path);
    await fixture.restart();
    expect(words()).toBe("1 range of addresses blocked");
    await filterBy(listOf("192.0.2.1\n", "other"));
    rmSync(join(fixture.folder, "other"));
    fixture.state = EMPTY_ENGINE_STATE;
    await fixture.restart();
    expect(words()).toBeUndefined();
    expect(fixture.state.session?.notices.join()).toMatch(/^No address is blocked: .*ENOENT.*\.$/);
  });
});

test("nobody in it is dialled, be it by the user's word", async () => {
  const heard: number[] = [];
  const server = createServer((socket) => {
    heard.push(socket.remotePort as number);
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await filterBy(listOf("127.0.0.0/8"));
  const torrent = await fixture.add(freshContent());
  await expect(fixture.connect(torrent, port)).rejects.toThrow("127.0.0.1 is in the address filter");
  await filterBy("");
  await fixture.connect(torrent, port);
  await fixture.gone(torrent, port);
  expect(heard.length).toBeGreaterThan(0);
});

test("nobody is dialled at a blocked port, and who was is let go with the reason", async () => {
  const content = freshContent();
  const seed = await HonestSeed.open(content);
  onTestFinished(() => seed.listener.close());
  const block = (blockedPorts: string) => fixture.command({ kind: "change-settings", settings: { blockedPorts } });
  const torrent = await fixture.add(content);
  await fixture.connect(torrent, seed.port);
  await fixture.seen(({ torrents }) => (torrents.get(torrent)?.peersConnected ? true : undefined));
  await block(`1,${seed.port}-${seed.port}`);
  expect(await fixture.gone(torrent, seed.port)).toMatchObject({
    reason: "blocked",
    by: "us",
    detail: `port ${seed.port} is in the port filter`,
    closeReason: 4,
  });
  await expect(fixture.connect(torrent, seed.port)).rejects.toThrow(`port ${seed.port} is in the port filter`);
  await block("");
  await fixture.connect(torrent, seed.port);
  seed.giveEverything();
  await fixture.complete(torrent);
});

test("a tracker in it is asked neither over HTTP nor over UDP, whatever its name and whoever redirects", async () => {
  const { filter } = await readIpFilter(listOf("127.0.0.1"));
  const blocks = (address: string) => filter.blocks(address);
  const tracker = await startHttpFixture((_, response) => response.end("de"));
  onTestFinished(() => tracker.close());
  const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const infoHash = new Uint8Array(20);
  for (const url of [
    `http://127.0.0.1:${tracker.port}/announce`,
    `http://tracker.test:${tracker.port}/announce`,
    `udp://127.0.0.1:${tracker.port}/announce`,
    `udp://tracker.test:${tracker.port}/announce`,
  ]) {
    const udp = url.startsWith("udp") ? { udp: { kind: "scrape", infoHash } as const } : {};
    const result = await askTracker({ url, tracker: url, ...udp }, { blocks, resolve });
    expect(result).toEqual({ ok: false, fault: "127.0.0.1 is in the address filter" });
  }
  expect(tracker.requests).toEqual([]);
});
