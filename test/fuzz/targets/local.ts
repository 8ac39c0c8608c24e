import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  LOCAL_GROUPS,
  LocalDiscovery,
} from "../../../core/discovery/local-discovery.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { claim, pick, type Target } from "../target.ts";

/** Whoever is announced on the local network has a port, and torrents that can be looked up. */
export const localAnnounce: Target = {
  name: "local-announce",
  share: 20,
  meets: ["announce", "nothing"],
  tokens: ["BT-SEARCH", "Port: ", "Infohash: ", "cookie: ", "\r\n", "65536", "-1"].map((text) => Buffer.from(text)),
  make: (random) =>
    encodeLocalAnnounce(pick(random, [LOCAL_GROUPS.ipv4, LOCAL_GROUPS.ipv6]), {
      port: 1 + randomBelow(random, 65_535),
      infoHashes: Array.from({ length: 1 + randomBelow(random, 4) }, () => toHex(randomBytes(random, 20))),
      ...(randomBelow(random, 2) === 0 ? {} : { cookie: "c00c1e" }),
    }),
  judge(input) {
    const announce = decodeLocalAnnounce(input);
    const heard = new LocalDiscovery(seededRandom(1)).received(input, "10.0.0.1", 0);
    if (announce === undefined) {
      claim(heard.length === 0, "a peer out of nothing");
      return "nothing";
    }
    const { port, infoHashes } = announce;
    claim(Number.isInteger(port) && port >= 1 && port <= 65_535, () => `port ${port}`);
    claim(
      infoHashes.every((infoHash) => /^[0-9a-f]{40}$/.test(infoHash)),
      () => infoHashes.join(),
    );
    claim(heard.length === infoHashes.length, () => `${heard.length} peers for ${infoHashes.length} torrents`);
    return "announce";
  },
};
