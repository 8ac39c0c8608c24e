import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DemoTracker, startDemoTracker } from "../../core/host/demo/demo-tracker.ts";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { labOpener, others } from "./lab.ts";
import { shared } from "./payloads.ts";

let tracker: DemoTracker;
beforeEach(async () => {
  tracker = await startDemoTracker({ interval: 5 });
});
afterEach(() => tracker.close());
// After the tracker's hooks, so that clients leave while it is still there.
const openLab = labOpener();

describe.each(others)("through a tracker, $client.name", ({ client, missing }) => {
  describe("and we", needs(requirePeerscope(), missing), () => {
    test("find each other when it has the data", async () => {
      const lab = openLab(shared, [tracker.url]);
      await lab.start(client.seed(lab.seedJob()));
      const job = lab.leechJob();
      const ours = await lab.start(startPeerscope(job));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected);
    });

    test("find each other when it wants the data", async () => {
      const lab = openLab(shared, [tracker.url]);
      const job = lab.leechJob();
      const leech = await lab.start(client.leech(job));
      await lab.start(startPeerscope(lab.seedJob()));
      await leech.completed();
      await leech.stop();
      expect(lab.downloaded(job)).toEqual(lab.expected);
    });
  });
});
