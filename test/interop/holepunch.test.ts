import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import { readTorrent } from "../../core/metainfo/read.ts";
import { encodeBencode } from "../../core/model/bencode.ts";
import { wireHash } from "../../core/model/info-hash.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { PACKET } from "../../core/utp/packet.ts";
import { decodeExtensionHandshake } from "../../core/wire/extension-handshake.ts";
import { decodeHolepunchMessage, encodeHolepunchMessage } from "../../core/wire/holepunch-message.ts";
import { RawPeer } from "../integration/hostile/raw-peer.ts";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import { read } from "../unit/utp/packets.ts";
import type { Endpoint } from "./clients/client.ts";
import { startLibtorrent } from "./clients/libtorrent.ts";
import { requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { type Lab, test } from "./lab.ts";
import { LITTLE, littleJob } from "./little.ts";

/** The number under which we want to hear of rendezvous. */
const OUR_ID = 9;
const EXTENDED = 20;
const EXTENDED_AND_FAST = [0, 0, 0, 0, 0, 0x10, 0, 4];

/** One who can't be dialled, asks `relay` for a rendezvous with `target`, and listens at the UDP port it calls from. */
async function meet(lab: Lab, relay: Endpoint, target: Endpoint) {
  const parsed = readTorrent(readFileSync(lab.torrent), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  const peer = await RawPeer.dial(relay.port);
  const { localPort } = peer.socket;
  const datagrams = createSocket("udp4").bind(localPort, "127.0.0.1");
  await once(datagrams, "listening");
  const { port } = datagrams.address() as AddressInfo;
  const knock = once(datagrams, "message") as Promise<[datagram: Buffer, from: RemoteInfo]>;
  peer.shake(wireHash(parsed.torrent.infoHash), Buffer.from("-XX0001-abcdefghijkl"), EXTENDED_AND_FAST);
  peer.say(EXTENDED, Buffer.of(0), encodeBencode({ m: { ut_holepunch: OUR_ID }, p: port }));
  const greeting = decodeExtensionHandshake((await peer.heard(EXTENDED)).payload.subarray(1));
  if ("fault" in greeting) throw new Error(greeting.fault);
  const theirId = greeting.extensions.get("ut_holepunch") ?? 0;
  expect(theirId).toBeGreaterThan(0);
  peer.say(EXTENDED, Buffer.of(theirId), encodeHolepunchMessage({ kind: "rendezvous", endpoint: target }));
  const [datagram, from] = await knock;
  await until(() => peer.messages.some(({ id, payload }) => id === EXTENDED && payload[0] === OUR_ID));
  const answer = peer.messages.find(({ id, payload }) => id === EXTENDED && payload[0] === OUR_ID);
  peer.socket.destroy();
  datagrams.close();
  return { answer: decodeHolepunchMessage(answer?.payload.subarray(1) as Buffer), type: read(datagram).type, from };
}

describe("a rendezvous (BEP 55)", needs(requirePeerscope(), requireLibtorrent()), () => {
  test("that libtorrent arranges: we dial at once, over uTP", async ({ openLab }) => {
    const lab = openLab(LITTLE);
    const relay = await lab.start(startLibtorrent({ ...littleJob(lab), transport: "utp" }));
    const ours = await lab.start(startPeerscope({ ...littleJob(lab, relay.endpoint), transport: "utp" }));
    await ours.seen("peer", ({ phase, extensionHandshake }) => phase === "open" && extensionHandshake !== null);
    const { answer, type, from } = await meet(lab, relay.endpoint, ours.endpoint);
    expect(answer).toEqual({ kind: "connect", endpoint: ours.endpoint });
    expect(type).toBe(PACKET.syn);
    expect(from).toMatchObject({ address: "127.0.0.1", port: ours.endpoint.port });
  });

  test("that we arrange: libtorrent dials at once, over uTP", async ({ openLab }) => {
    const lab = openLab(LITTLE);
    const ours = await lab.start(startPeerscope({ ...littleJob(lab), transport: "utp" }));
    const theirs = await lab.start(startLibtorrent({ ...littleJob(lab, ours.endpoint), transport: "utp" }));
    await ours.seen("peer", ({ phase, extensionHandshake }) => phase === "open" && extensionHandshake !== null);
    const { answer, type, from } = await meet(lab, ours.endpoint, theirs.endpoint);
    expect(answer).toEqual({ kind: "connect", endpoint: theirs.endpoint });
    expect(type).toBe(PACKET.syn);
    expect(from).toMatchObject({ address: "127.0.0.1", port: theirs.endpoint.port });
  });
});
