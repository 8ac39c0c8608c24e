import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnnounceOrder, type AnnounceResult, Announcer } from "../../core/discovery/announcer.ts";
import { fromLatin1, toHex } from "../../core/model/bytes.ts";
import { seededRandom } from "../../core/model/random.ts";
import { askTracker } from "../../core/runtime/http/tracker.ts";
import { freePort } from "../setup/free-port.ts";
import { Program } from "../setup/program.ts";
import { type Missing, needs, requireCommand } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";

const infoHash = Uint8Array.from({ length: 20 }, (_, i) => (i * 37 + 5) & 0xff);
const NOW = 1_000_000;
const OPENTRACKER = "opentracker";

interface Member {
  readonly announcer: Announcer;
  readonly port: number;
}

function member(port: number, tracker: string): Member {
  const announcer = new Announcer({
    // Nobody listens on port 1: the second tier must be reached.
    tiers: [["http://127.0.0.1:1/announce"], [tracker]],
    random: seededRandom(port),
    infoHash,
    peerId: fromLatin1(`-PS0100-${String(port).padStart(12, "0")}`),
    key: port.toString(16),
  });
  return { announcer, port };
}

/** Makes the requests that are due until none is, at one instant. */
async function settle(
  { announcer, port }: Member,
  left: number,
): Promise<(AnnounceResult & Pick<AnnounceOrder, "event">)[]> {
  const results: (AnnounceResult & Pick<AnnounceOrder, "event">)[] = [];
  for (;;) {
    const orders = announcer.poll(NOW, { port, uploaded: 0, downloaded: 0, left, numwant: 50 });
    if (orders.length === 0) return results;
    for (const order of orders) {
      const fetched = await askTracker(order);
      if (fetched.ok) results.push({ ...announcer.answered(order.id, fetched.body, NOW), ...order });
      else announcer.failed(order.id, fetched.fault, NOW);
    }
  }
}

/** It is built for one of the two families; Debian's is for IPv4. */
function requireOpentrackerOf(host: string): Missing {
  const missing = requireCommand(OPENTRACKER);
  if (missing !== undefined || host !== "::1") return missing;
  const { stdout, stderr } = spawnSync(OPENTRACKER, ["-i", host, "-p", "1"], { timeout: 2000, encoding: "utf8" });
  return `${stdout}${stderr}`.includes("V4 only")
    ? "the opentracker that is installed is built for IPv4 alone"
    : undefined;
}

describe.each([
  ["http", "127.0.0.1"],
  ["udp", "127.0.0.1"],
  ["http", "::1"],
  ["udp", "::1"],
] as const)("opentracker over %s at %s", (scheme, host) => {
  describe("as a tracker", needs(requireOpentrackerOf(host)), () => opentracker(scheme, host));
});

function opentracker(scheme: string, host: string): void {
  let program: Program;
  let folder: string;
  let tracker: string;

  beforeAll(async () => {
    const port = await freePort();
    folder = mkdtempSync(join(tmpdir(), "opentracker-"));
    const name = host === "::1" ? "[::1]" : host;
    tracker = `${scheme}://${name}:${port}/announce`;
    const page = `http://${name}:${port}/announce`;
    // Debian's is built to serve listed torrents only; it reads the list as another user, after entering the folder.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "whitelist"), `${toHex(infoHash)}\n`);
    const whitelist = process.getuid?.() === 0 ? "/whitelist" : join(folder, "whitelist");
    program = new Program(OPENTRACKER, ["-i", host, "-p", `${port}`, "-P", `${port}`, "-d", folder, "-w", whitelist]);
    await until(async () => {
      if (program.status !== undefined) throw new Error(`opentracker ended:\n${program.tail}`);
      const result = await askTracker({ url: page, tracker: page, timeout: 1000 });
      return result.ok || result.fault !== "connection refused";
    });
  });

  afterAll(async () => {
    await program?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("brings members together, counts completions, and forgets who stopped", async () => {
    const seed = member(40_001, tracker);
    const leecher = member(40_002, tracker);
    seed.announcer.start(NOW);
    expect(await settle(seed, 0)).toMatchObject([
      { kind: "announce", event: "started" },
      { kind: "scrape", seeds: 1 },
    ]);
    expect(seed.announcer.views()).toMatchObject([
      { state: "failed", message: "connection refused" },
      { state: "working", seeds: 1, leechers: 0, downloads: 0 },
    ]);

    leecher.announcer.start(NOW);
    const [announce, scrape] = await settle(leecher, 1000);
    expect(announce?.peers).toContainEqual({ host, port: 40_001 });
    expect(scrape).toMatchObject({ kind: "scrape", seeds: 1, leechers: 1 });

    leecher.announcer.complete(NOW);
    expect(await settle(leecher, 0)).toMatchObject([{ event: "completed", seeds: 2, leechers: 0 }]);

    seed.announcer.stop(NOW);
    expect(await settle(seed, 0)).toMatchObject([{ event: "stopped" }]);
    const late = member(40_003, tracker);
    late.announcer.start(NOW);
    const [first, counts] = await settle(late, 1000);
    expect(first?.peers).not.toContainEqual({ host, port: 40_001 });
    expect(first?.peers).toContainEqual({ host, port: 40_002 });
    expect(counts).toMatchObject({ kind: "scrape", seeds: 1, leechers: 1 });
    expect(late.announcer.views()[1]).toMatchObject({ downloads: 1 });
  });
}
