import { describe, expect, it } from "vitest";
import { PIECE_STATE } from "../../../core/contract/views.ts";
import {
  availabilitySentence,
  fileNames,
  filesOfPiece,
  pieceStateName,
  statesSentence,
} from "../../../renderer/format/describe-pieces.ts";

const file = (index: number, path: string, offset: number, length: number) => ({
  index,
  path,
  offset,
  length,
  bytesDone: 0,
  isWanted: true,
  priority: "normal" as const,
});

describe("the words for a picture of pieces", () => {
  it("count each state that occurs", () => {
    const states = Uint8Array.of(PIECE_STATE.verified, PIECE_STATE.verified, PIECE_STATE.missing, PIECE_STATE.failed);
    expect(statesSentence(states)).toBe("4 pieces: 2 verified, 1 missing, 1 with a wrong hash.");
  });

  it("name what is scarce", () => {
    expect(availabilitySentence(Uint8Array.of(3, 1, 1, 5))).toBe("Rarest: 2 pieces at 1 peer.");
    expect(availabilitySentence(Uint8Array.of(3, 0))).toBe("1 piece that no connected peer has.");
    expect(availabilitySentence(Uint8Array.of(2, 2))).toBe("Every piece is at 2 peers.");
    expect(availabilitySentence(Uint8Array.of(255, 255))).toBe("Every piece is at 255 peers or more.");
    expect(availabilitySentence(new Uint8Array(0))).toBe("");
  });

  it("name every state byte", () => {
    for (const [name, byte] of Object.entries(PIECE_STATE)) expect(pieceStateName(byte)).toBe(name);
    expect(pieceStateName(undefined)).toBe("missing");
  });
});

describe("the files of a piece", () => {
  // Pieces of 100 bytes: `a` ends at 150, padding up to 200, an empty file at 200, `c` from there.
  const files = [file(0, "a", 0, 150), file(1, "empty", 200, 0), file(2, "c", 200, 250)];

  it("are those with a byte in it", () => {
    const names = (piece: number) => filesOfPiece(files, piece, 100).map(({ path }) => path);
    expect([0, 1, 2, 4].map(names)).toEqual([["a"], ["a"], ["c"], ["c"]]);
  });

  it("may be several, and are told in short", () => {
    const both = filesOfPiece(files, 0, 1000);
    expect(both.map(({ path }) => path)).toEqual(["a", "c"]);
    expect(fileNames(both)).toBe("a and 1 more file");
    expect(fileNames([])).toBe("padding");
  });
});
