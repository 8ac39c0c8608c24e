import { describe, expect } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";
import { payloads } from "./payloads.ts";

describe.for(others)("$client.name", (other) => {
  const { client, missing, makesEmptyFiles } = other;
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
      await lab.serve(other, job);
      expect(lab.downloaded(job)).toEqual(lab.expected({ withEmptyFiles: makesEmptyFiles }));
    });
  });
});
