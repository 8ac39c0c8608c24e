import { describe, expect, test } from "vitest";
import type { PeerFace } from "../../../core/model/peer-face.ts";
import { flagLetters, PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { peerFace } from "../../../core/peer/face.ts";
import { ROWS } from "./rows.ts";
import { Stage } from "./stage.ts";
import { WAYS, type Way } from "./visitor.ts";

/** Peer semantics, section 1. The way of connecting and the peer id are looked at in every row, sources by their letters. */
const PROPERTIES: readonly (keyof PeerFace)[] = [
  "port",
  "isLocalConnection",
  "encryption",
  "phase",
  "client",
  "reserved",
  "torrent",
  "pieces",
  "weChoke",
  "weAreInterested",
  "peerChokes",
  "peerIsInterested",
  "isSeed",
  "isUploadOnly",
  "isSnubbed",
  "isOptimistic",
  "isOnParole",
  "isEndgame",
];
/** Seen among three peers, for no longer than a turn, or of who is no peer: see the tests of rendezvous and web seeds, and the unit tests. */
const PURE = "h?W";

/** Letters in the order in which they are shown. */
function inOrder(letters: string): string {
  return PEER_FLAGS.map(({ letter }) => letter)
    .filter((letter) => letters.includes(letter))
    .join("");
}

const lettersOf = ({ direction, transport }: Way) =>
  `${direction === "incoming" ? "I" : ""}${transport === "utp" ? "P" : ""}`;

describe.each(WAYS)("of a peer that is $direction over $transport,", (way) => {
  const rows = ROWS.filter(({ only }) => only?.(way) ?? true);
  test.each(rows.map((row) => [row.what, row] as const))("%s", (_, row) => {
    const stage = new Stage(row, way);
    row.steps.forEach(({ act, is, letters }, at) => {
      act(stage);
      const face: Partial<PeerFace> = peerFace(stage.visitor.peer);
      const words = `step ${at + 1}`;
      for (const [property, value] of Object.entries(is)) {
        expect(face[property as keyof PeerFace], `${words}: ${property}`).toEqual(value);
      }
      expect(flagLetters(face as PeerFace), words).toBe(inOrder(letters + lettersOf(way)));
      expect(face).toMatchObject({ ...way, host: "192.0.2.1" });
    });
    if (row.isUnmet !== true) expect(stage.visitor.peer.peerId).toEqual(Uint8Array.from(stage.visitor.peerId));
  });
});

test("every property is seen with two values, and every letter set and not set", () => {
  const steps = ROWS.flatMap((row) => row.steps);
  const isSeenTwice = (property: keyof PeerFace) => {
    const values = steps.filter(({ is }) => property in is).map(({ is }) => is[property]);
    return new Set(values.map((value) => JSON.stringify(value) ?? "undefined")).size > 1;
  };
  expect(PROPERTIES.filter((property) => !isSeenTwice(property))).toEqual([]);
  const ofWays = WAYS.map(lettersOf).join("");
  for (const { letter } of PEER_FLAGS) {
    if (PURE.includes(letter) || ofWays.includes(letter)) continue;
    const shown = steps.filter(({ letters }) => letters.includes(letter)).length;
    expect(shown, letter).toBeGreaterThan(0);
    expect(shown, letter).toBeLessThan(steps.length);
  }
});
