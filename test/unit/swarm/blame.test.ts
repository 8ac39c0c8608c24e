import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../core/model/random.ts";
import { Peer } from "../../../core/peer/peer.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { Blame } from "../../../core/swarm/blame.ts";
import type { PartialPiece } from "../../../core/swarm/partial-piece.ts";

let lastId = 0;
const connect = (host: string): Peer =>
  new Peer({
    id: ++lastId,
    endpoint: { host, port: 6881 },
    direction: "incoming",
    transport: "tcp",
    source: { kind: "incoming" },
    cipher: { sha1: nodeDigest.sha1, random: seededRandom(1), torrents: () => [] },
    now: 0,
  });
/** A piece whose blocks are not compared. */
const piece = { piece: 3, blockSums: () => undefined } as unknown as PartialPiece;
/** It fails, and so does what another gave to it. */
function fail(blame: Blame, peer: Peer) {
  peer.isOnParole = false;
  return blame.failed(piece, [peer], false);
}

describe("trust", () => {
  test("falls by two for a failed piece, and its end is at -7", () => {
    const blame = new Blame();
    const peer = connect("203.0.113.5");
    expect([fail(blame, peer), fail(blame, peer), fail(blame, peer)]).toEqual([[], [], []]);
    expect(fail(blame, peer)).toEqual([{ peer, evidence: "trust -8 after 4 failed pieces, the last was 3" }]);
  });

  test("rises by one for a piece that passed", () => {
    const blame = new Blame();
    const peer = connect("203.0.113.5");
    for (let n = 0; n < 3; n++) fail(blame, peer);
    blame.passed(piece, [peer], true, []);
    expect(fail(blame, peer)).toMatchObject([{ evidence: expect.stringContaining("trust -7") }]);
    const other = connect("203.0.113.6");
    for (let n = 0; n < 2; n++) blame.passed(piece, [other], true, []);
    for (let n = 0; n < 4; n++) expect(fail(blame, other)).toEqual([]);
  });

  test("falls by one for a nuisance", () => {
    const blame = new Blame();
    const peer = connect("203.0.113.5");
    for (let n = 0; n < 3; n++) fail(blame, peer);
    expect(blame.nuisance(peer, "it flooded")).toEqual({
      peer,
      evidence: "trust -7 after it was closed again: it flooded",
    });
  });

  test("lost is remembered when the peer comes again, and gained is not", () => {
    const blame = new Blame();
    for (let n = 0; n < 3; n++) {
      const peer = connect("203.0.113.5");
      expect(fail(blame, peer)).toEqual([]);
      blame.forget(peer);
    }
    expect(fail(blame, connect("203.0.113.5"))).toHaveLength(1);
    const good = connect("203.0.113.6");
    for (let n = 0; n < 10; n++) blame.passed(piece, [good], true, []);
    blame.forget(good);
    const again = connect("203.0.113.6");
    expect([1, 2, 3, 4].map(() => fail(blame, again).length)).toEqual([0, 0, 0, 1]);
  });
});
