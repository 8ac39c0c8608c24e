import { describe, expect } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";
import { shared } from "./payloads.ts";

describe.concurrent("all clients together", needs(requirePeerscope(), ...others.map(({ missing }) => missing)), () => {
  test("give to us at once, each shown with its name", async ({ openLab }) => {
    const lab = openLab(shared);
    const seeds = await Promise.all(others.map(({ client }) => lab.start(client.seed(lab.seedJob()))));
    const job = lab.leechJob(seeds.map(({ endpoint }) => endpoint));
    // Slow enough that nobody has left before the last one has said its name.
    const ours = await lab.start(startPeerscope(job, ["--down-limit", "8M"]));
    const named = seeds.map(({ endpoint }, i) =>
      ours.seen("peer", ({ port, client }) => port === endpoint.port && isNamed(client, others[i]?.client.name ?? "")),
    );
    await Promise.all([...named, ours.completed()]);
    expect(lab.downloaded(job)).toEqual(lab.expected());
  });

  test("take from us at once", async ({ openLab }) => {
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
    for (const { job } of jobs) expect(lab.downloaded(job)).toEqual(lab.expected());
  });

  test.for(others)("leave, and we say why $client.name did", async ({ client }, { openLab }) => {
    const lab = openLab(shared);
    const seed = await lab.start(client.seed(lab.seedJob()));
    const ours = await lab.start(startPeerscope(lab.leechJob([seed.endpoint]), ["--down-limit", "500K"]));
    await ours.seen("peer", ({ phase }) => phase === "open");
    await seed.stop();
    const left = await ours.seen("peer-closed", ({ port }) => port === seed.endpoint.port);
    expect(left).toMatchObject({ host: "127.0.0.1", reason: "closed-by-peer", code: 0, by: "peer" });
  });
});

function isNamed(client: unknown, name: string): boolean {
  return typeof client === "string" && client.toLowerCase().includes(name);
}
