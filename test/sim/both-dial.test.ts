import { describe, expect, test } from "vitest";
import { compareBytes } from "../../core/model/bytes.ts";
import { makeContent } from "./support/content.ts";
import { goneAt, isComplete, KIB, MIB, MINUTE, peerAt, SECOND } from "./support/measures.ts";
import { World } from "./support/world.ts";

const content = makeContent([16 * MIB], 64 * KIB);
const HALF = content.metainfo.pieceCount / 2;
const halves = [...Array(2 * HALF).keys()];

describe.each([
  ["tcp", "tcp"],
  ["utp", "utp"],
  ["tcp", "utp"],
  ["utp", "tcp"],
] as const)("two peers of which one dials over %s while the other dials it over %s", (one, other) => {
  // Both have one id above the other's in some of these.
  test.each([1, 2, 3, 4, 5, 6])("keep what the higher id dialled, and complete over it (seed %i)", (number) => {
    const world = new World(number);
    world.checkEvery = 50;
    const machines = [world.machine({ transport: one, latency: 40 }), world.machine({ transport: other, latency: 40 })];
    const [a, b] = machines as [(typeof machines)[0], (typeof machines)[0]];
    const near = a.share(content, { has: halves.slice(0, HALF) });
    const far = b.share(content, { has: halves.slice(HALF) });
    a.knows(near, b);
    b.knows(far, a);
    world.run(SECOND);
    const isHigher = compareBytes(near.swarm.residence.ourPeerId, far.swarm.residence.ourPeerId) > 0;
    const dialler = isHigher ? a : b;
    for (const [machine, partner] of [
      [a, b],
      [b, a],
    ] as const) {
      const present = [...machine.torrent.swarm.peers].filter(({ phase }) => phase === "open");
      expect(present).toHaveLength(1);
      expect(present[0]).toMatchObject({
        direction: machine === dialler ? "outgoing" : "incoming",
        transport: isHigher ? one : other,
      });
      expect(peerAt(machine, partner)).toBe(present[0]);
    }
    const reasons = [...goneAt(a, b), ...goneAt(b, a)].map(({ reason, by }) => `${reason} by ${by}`);
    expect(reasons).toContain("already-connected by us");
    for (const reason of reasons) expect(reason).toMatch(/^already-connected by us$|^closed-by-peer by /);
    world.runUntil(() => isComplete(a) && isComplete(b), MINUTE);
  });
});
