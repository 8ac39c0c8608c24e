import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { describe, expect } from "vitest";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import type { Endpoint } from "./clients/client.ts";
import { libtorrent } from "./clients/libtorrent.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { test } from "./lab.ts";
import { shared } from "./payloads.ts";

describe("a peer", needs(requirePeerscope(), requireLibtorrent()), () => {
  test("that can be reached over UDP alone is found there when TCP is refused", async ({ openLab }) => {
    const lab = openLab(shared);
    const seed = await lab.start(libtorrent.seed({ ...lab.seedJob(), transport: "utp" }));
    const relay = await relayUdp(seed.endpoint);
    try {
      const job = lab.leechJob([relay.endpoint]);
      const ours = await lab.start(startPeerscope(job, ["--transport", "both"]));
      await ours.completed();
      const peer = await ours.seen("peer-closed");
      expect(peer).toMatchObject({ transport: "utp", port: relay.endpoint.port });
      expect(lab.downloaded(job)).toEqual(lab.expected());
    } finally {
      relay.close();
    }
  });
});

/** A port that has UDP alone, and passes what one peer says on to `to`, and back. */
async function relayUdp(to: Endpoint) {
  const [outer, inner] = [createSocket("udp4"), createSocket("udp4")];
  outer.bind(0, "127.0.0.1");
  inner.bind(0, "127.0.0.1");
  await Promise.all([once(outer, "listening"), once(inner, "listening")]);
  let peer: RemoteInfo | undefined;
  outer.on("message", (datagram, from) => {
    peer = from;
    inner.send(datagram, to.port, to.host);
  });
  inner.on("message", (datagram) => {
    if (peer !== undefined) outer.send(datagram, peer.port, peer.address);
  });
  return {
    endpoint: { host: "127.0.0.1", port: outer.address().port },
    close: () => {
      outer.close();
      inner.close();
    },
  };
}
