import { expect, test } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { Peer } from "../../../core/peer/peer.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { forgiveSnubbed, loseSnubbed } from "../../../core/swarm/patience.ts";

const SECOND = 1000;

function peerWithRequests(count: number): Peer {
  const peer = new Peer({
    id: 1,
    endpoint: { host: "10.0.0.1", port: 6881 },
    direction: "outgoing",
    transport: "tcp",
    source: { kind: "user" },
    cipher: { sha1: nodeDigest.sha1, random: seededRandom(1), torrents: () => [] },
    now: 0,
  });
  for (let block = 0; block < count; block++) peer.request(0, block, BLOCK_LENGTH);
  return peer;
}

/** It has always answered after `time`. */
function answering(peer: Peer, time: number): Peer {
  peer.lastBlockAt = 0;
  for (let i = 0; i < 200; i++) {
    peer.window.answered({ piece: 9, block: 0, length: BLOCK_LENGTH, sentAt: 0 }, time);
  }
  return peer;
}

test("a peer that never gave anything loses its requests within 18 s, is asked for one at a time from then on, and has a minute", () => {
  const peer = peerWithRequests(4);
  const lost: number[] = [];
  for (let now = 0; now < 61 * SECOND; now += SECOND) {
    expect(peer.isSnubbed).toBe(false);
    if (loseSnubbed(peer, now).length > 0) lost.push(now / SECOND);
    if (peer.window.outstanding.length > 0 || now < peer.askNotBefore) continue;
    peer.now = now;
    peer.request(0, 0, BLOCK_LENGTH);
  }
  expect(lost).toEqual([16, 18, 38, 58]);
  expect(loseSnubbed(peer, 61 * SECOND)).toEqual([]);
  expect(peer.isSnubbed).toBe(true);
  expect(peer.window.outstanding).toHaveLength(1);
});

test("a peer that is not asked again is not snubbed for it later", () => {
  const peer = peerWithRequests(1);
  for (let now = 0; now < 100 * SECOND; now += SECOND) loseSnubbed(peer, now);
  expect(peer.window.outstanding).toHaveLength(0);
  peer.now = 100 * SECOND;
  peer.request(0, 0, BLOCK_LENGTH);
  loseSnubbed(peer, 101 * SECOND);
  expect(peer.isSnubbed).toBe(false);
});

test("a peer 20 s beyond its timeout is snubbed, though other blocks of it come", () => {
  const peer = answering(peerWithRequests(4), SECOND);
  let now = 0;
  while (now <= 22 * SECOND) {
    peer.lastBlockAt = now;
    expect(loseSnubbed(peer, now)).toEqual([]);
    now += SECOND;
  }
  expect(loseSnubbed(peer, now)).toHaveLength(3);
  expect(peer.isSnubbed).toBe(true);
});

test("a peer whose oldest request is answered in between is not snubbed", () => {
  const peer = answering(peerWithRequests(1), SECOND);
  for (let now = 0; now < 100 * SECOND; now += SECOND) {
    expect(loseSnubbed(peer, now)).toEqual([]);
    if (now % (15 * SECOND) !== 0) continue;
    const { piece, block } = peer.window.outstanding[0] as { piece: number; block: number };
    peer.window.remove(piece, block);
    peer.now = now;
    peer.request(piece, block + 1, BLOCK_LENGTH);
  }
  expect(peer.isSnubbed).toBe(false);
});

test("the last request of a snubbed peer is taken back after 20 s more", () => {
  const peer = answering(peerWithRequests(2), SECOND);
  let now = 0;
  while (!peer.isSnubbed) {
    now += SECOND;
    loseSnubbed(peer, now);
  }
  const snubbedAt = now;
  while (peer.window.outstanding.length > 0) {
    now += SECOND;
    loseSnubbed(peer, now);
  }
  expect(now - snubbedAt).toBeGreaterThanOrEqual(20 * SECOND);
  expect(now - snubbedAt).toBeLessThan(23 * SECOND);
  expect(peer.askNotBefore).toBe(now + 20 * SECOND);
});

test("a block that comes late leaves a peer snubbed, one in time does not", () => {
  const peer = answering(peerWithRequests(1), SECOND);
  const request = peer.window.outstanding[0] as (typeof peer.window.outstanding)[0];
  peer.isSnubbed = true;
  peer.now = 5 * SECOND;
  forgiveSnubbed(peer, request);
  expect(peer.isSnubbed).toBe(true);
  peer.now = 1900;
  forgiveSnubbed(peer, request);
  expect(peer.isSnubbed).toBe(false);
});
