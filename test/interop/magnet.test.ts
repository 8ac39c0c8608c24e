import { describe, expect } from "vitest";
import { MIB, type Payload } from "../setup/payload.ts";
import { needs } from "../setup/requirements.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";
import { linkOf } from "./link.ts";

/** Its metadata has two parts, and one of its files is empty. */
const payload: Payload = {
  name: "linked",
  pieceLength: 16 * 1024,
  files: [
    { path: "film.bin", length: 16 * MIB + 5 },
    { path: "empty.txt", length: 0 },
  ],
};

describe.for(others)("a magnet link and $client.name", (other) => {
  const { client, missing, makesEmptyFiles } = other;
  describe.concurrent("alone", needs(requirePeerscope(), missing), () => {
    test("give us the metadata and the data", async ({ openLab }) => {
      const lab = openLab(payload);
      const seed = await lab.start(client.seed(lab.seedJob()));
      const job = lab.leechJob([seed.endpoint]);
      const ours = await lab.start(startPeerscope({ ...job, torrent: linkOf(lab.torrent) }));
      await ours.completed();
      expect(lab.downloaded(job)).toEqual(lab.expected());
      expect(ours.events).toContainEqual(expect.objectContaining({ event: "metadata", name: payload.name }));
    });

    test("take the metadata and the data from us", async ({ openLab }) => {
      const lab = openLab(payload);
      const job = lab.leechJob();
      await lab.serve(other, { ...job, torrent: linkOf(lab.torrent) });
      expect(lab.downloaded(job)).toEqual(lab.expected({ withEmptyFiles: makesEmptyFiles }));
    });
  });
});
