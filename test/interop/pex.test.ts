import { describe, expect, vi } from "vitest";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import type { Endpoint, Job } from "./clients/client.ts";
import { startLibtorrent } from "./clients/libtorrent.ts";
import { type RunningPeerscope, requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { type Lab, test } from "./lab.ts";
import { LITTLE, littleJob } from "./little.ts";

/** libtorrent gathers what it tells once a minute. */
const PATIENCE = 100_000;

vi.setConfig({ maxConcurrency: 4 });

const jobOf = (lab: Lab, ...peers: Endpoint[]): Job => ({ ...littleJob(lab, ...peers), pex: true });

/** The first event of `running` about a peer at `port` that is open, and known through others. */
const exchanged = (running: RunningPeerscope, port: number) =>
  running.seen(
    "peer",
    ({ phase, port: at, sources }) => phase === "open" && at === port && JSON.stringify(sources).includes('"pex"'),
  );

describe.concurrent("three in a line, without a tracker", needs(requirePeerscope(), requireLibtorrent()), () => {
  test("where libtorrent is in the middle: we learn of the far end", { timeout: PATIENCE }, async ({ openLab }) => {
    const lab = openLab(LITTLE);
    const far = await lab.start(startLibtorrent(jobOf(lab)));
    const middle = await lab.start(startLibtorrent(jobOf(lab, far.endpoint)));
    const ours = await lab.start(startPeerscope(jobOf(lab, middle.endpoint)));
    await exchanged(ours, far.endpoint.port);
  });

  test("where we are in the middle: libtorrent learns of the far end", { timeout: PATIENCE }, async ({ openLab }) => {
    const lab = openLab(LITTLE);
    const far = await lab.start(startLibtorrent(jobOf(lab)));
    const ours = await lab.start(startPeerscope(jobOf(lab, far.endpoint)));
    const near = await lab.start(startLibtorrent(jobOf(lab, ours.endpoint)));
    const { signal } = new AbortController();
    await until(async () => {
      const reports = await Promise.all([near.report(), far.report()]);
      return reports.some(({ peers }) => peers.length === 2 && peers.some(({ fromPex }) => fromPex));
    }, signal);
    expect((await near.report()).peers).toHaveLength(2);
  });
});
