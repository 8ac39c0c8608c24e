import { describe, expect } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";
import { payloads } from "./payloads.ts";

describe.for(others)("$client.name", ({ client, missing, dials, makesEmptyFiles }) => {
  describe.concurrent("alone", needs(requirePeerscope(), missing), () => {
    test.for(payloads)("gives us $words", async ({ payload }, { openLab }) => {
      const lab = openLab(payload);
      const seed = await lab.start(client.seed(lab.seedJob()));
      const job = lab.leechJob([seed.endpoint]);
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
      expect(ours.events.filter(({ event }) => event === "error" || event === "piece-failed")).toEqual([]);
      expect(await ours.interrupt()).toBe(0);
    });

    test.for(payloads)("takes $words from us", async ({ payload }, { openLab }) => {
      const lab = openLab(payload);
      const job = lab.leechJob();
      const dialled = dials ? undefined : await lab.start(client.leech(job));
      const ours = await lab.start(startPeerscope(lab.seedJob(dialled === undefined ? [] : [dialled.endpoint])));
      const leech = dialled ?? (await lab.start(client.leech({ ...job, peers: [ours.endpoint] })));
      await leech.completed();
      // It may hold the last pieces in its cache until it ends.
      await leech.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected({ withEmptyFiles: makesEmptyFiles }));
    });
  });
});
