import { describe, expect, test } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { labOpener, others } from "./lab.ts";
import { shared } from "./payloads.ts";

const openLab = labOpener();

describe("all clients together", needs(requirePeerscope(), ...others.map(({ missing }) => missing)), () => {
  test("give to us at once, each shown with its name", async () => {
    const lab = openLab(shared);
    const seeds = await Promise.all(others.map(({ client }) => lab.start(client.seed(lab.seedJob()))));
    const job = lab.leechJob(seeds.map(({ endpoint }) => endpoint));
    const ours = await lab.start(startPeerscope(job));
    await ours.completed();
    expect(lab.downloaded(job)).toEqual(lab.expected);

    const seen = new Map<unknown, unknown>();
    for (const { event, port, client } of ours.events) if (event === "peer") seen.set(port, client);
    expect(seeds.map(({ endpoint }) => seen.get(endpoint.port))).toEqual([
      expect.stringMatching(/libtorrent/i),
      expect.stringMatching(/transmission/i),
      expect.stringMatching(/aria2/i),
    ]);
  });

  test("take from us at once", async () => {
    const lab = openLab(shared);
    const jobs = others.map((other) => ({ ...other, job: lab.leechJob() }));
    const dialled = await Promise.all(
      jobs.filter(({ dials }) => !dials).map(({ client, job }) => lab.start(client.leech(job))),
    );
    const ours = await lab.start(startPeerscope(lab.seedJob(dialled.map(({ endpoint }) => endpoint))));
    const dialling = await Promise.all(
      jobs
        .filter(({ dials }) => dials)
        .map(({ client, job }) => lab.start(client.leech({ ...job, peers: [ours.endpoint] }))),
    );
    const leeches = [...dialled, ...dialling];
    await Promise.all(leeches.map((leech) => leech.completed()));
    await Promise.all(leeches.map((leech) => leech.stop()));
    for (const { job } of jobs) expect(lab.downloaded(job)).toEqual(lab.expected);
  });

  test.each(others)("leave, and $client.name's reason is told", async ({ client }) => {
    const lab = openLab(shared);
    const seed = await lab.start(client.seed(lab.seedJob()));
    const ours = await lab.start(startPeerscope(lab.leechJob([seed.endpoint]), ["--down-limit", "500000"]));
    await ours.next("peer", ({ phase }) => phase === "open");
    const left = ours.next("peer-closed", ({ port }) => port === seed.endpoint.port);
    await seed.stop();
    expect(await left).toMatchObject({ host: "127.0.0.1", reason: "closed-by-peer", code: 0, by: "peer" });
  });
});
