import { describe, expect } from "vitest";
import { startDemoTracker } from "../../core/host/demo/demo-tracker.ts";
import { needs } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { test as base, others } from "./lab.ts";
import { shared } from "./payloads.ts";

interface CountingTracker {
  readonly url: string;
  announces(): number;
}

const test = base.extend<{ tracker: CountingTracker }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures this one needs.
  tracker: async ({}, use) => {
    let announces = 0;
    const tracker = await startDemoTracker({ onAnnounce: () => announces++ });
    await use({ url: tracker.url, announces: () => announces });
    await tracker.close();
  },
});

describe.for(others)("through a tracker, $client.name", ({ client, missing }) => {
  describe.concurrent("and we find each other", needs(requirePeerscope(), missing), () => {
    test("when it has the data", async ({ tracker, openLab }) => {
      const lab = openLab(shared, [tracker.url]);
      await lab.start(client.seed(lab.seedJob()));
      await until(() => tracker.announces() > 0);
      const job = lab.leechJob();
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });

    test("when it wants the data", async ({ tracker, openLab }) => {
      const lab = openLab(shared, [tracker.url]);
      const job = lab.leechJob();
      const leech = await lab.start(client.leech(job));
      await until(() => tracker.announces() > 0);
      await lab.start(startPeerscope(lab.seedJob()));
      await leech.completed();
      await leech.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });
  });
});
