import { describe, expect, test } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { labOpener, others } from "./lab.ts";
import { payloads } from "./payloads.ts";

const openLab = labOpener();

describe.each(others)("with $client.name", ({ client, missing, dials }) => {
  describe("alone", needs(requirePeerscope(), missing), () => {
    test.each(payloads)("downloads %s from it", async (_words, payload) => {
      const lab = openLab(payload);
      const seed = await lab.start(client.seed(lab.seedJob()));
      const job = lab.leechJob([seed.endpoint]);
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected);
      expect(ours.events.filter(({ event }) => event === "error" || event === "piece-failed")).toEqual([]);
      expect(await ours.interrupt()).toBe(0);
    });

    test.each(payloads)("gives it %s", async (_words, payload) => {
      const lab = openLab(payload);
      const job = lab.leechJob();
      if (dials) {
        const ours = await lab.start(startPeerscope(lab.seedJob()));
        const leech = await lab.start(client.leech({ ...job, peers: [ours.endpoint] }));
        await leech.completed();
        await leech.stop();
      } else {
        const leech = await lab.start(client.leech(job));
        await lab.start(startPeerscope(lab.seedJob([leech.endpoint])));
        await leech.completed();
        // It may hold the last pieces in its cache until it ends.
        await leech.stop();
      }
      expect(lab.downloaded(job)).toEqual(lab.expected);
    });
  });
});
