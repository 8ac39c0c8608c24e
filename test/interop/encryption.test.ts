import { describe, expect } from "vitest";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";
import { shared } from "./payloads.ts";

describe.for(others)("$client.name, with everything encrypted,", (other) => {
  const { client, missing } = other;
  describe.concurrent("alone", needs(requirePeerscope(), missing), () => {
    test("gives to us, and is shown so", async ({ openLab }) => {
      const lab = openLab(shared);
      const seed = await lab.start(client.seed({ ...lab.seedJob(), encryption: "required" }));
      const job = lab.leechJob([seed.endpoint]);
      const ours = await lab.start(startPeerscope({ ...job, encryption: "required" }));
      await ours.seen("peer", ({ port, encryption }) => port === seed.endpoint.port && encryption === "rc4");
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });

    test("takes from us", async ({ openLab }) => {
      const lab = openLab(shared);
      const job = { ...lab.leechJob(), encryption: "required" } as const;
      await lab.serve(other, job);
      expect(lab.downloaded(job)).toEqual(lab.expected());
    });
  });
});
