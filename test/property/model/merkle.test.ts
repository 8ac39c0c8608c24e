import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../core/model/bytes.ts";
import { FileLayout, PieceLayout, shortPieces } from "../../../core/model/layout.ts";
import {
  absentNode,
  climb,
  layersFrom,
  leavesOf,
  NODE_LENGTH,
  nodeOver,
  treeHeight,
  treeShape,
} from "../../../core/model/merkle.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const nodes = fc.uint8Array({ minLength: NODE_LENGTH, maxLength: 40 * NODE_LENGTH }).map((bytes) => {
  const whole = bytes.length - (bytes.length % NODE_LENGTH);
  return bytes.slice(0, whole);
});

describe("a tree of hashes", () => {
  test("is the same whether the nodes past its end are there or not", () => {
    fc.assert(
      fc.property(nodes, fc.nat(3), fc.nat(4), (layer, taller, height) => {
        const levels = treeHeight(layer.length / NODE_LENGTH) + taller;
        const absent = absentNode(height, sha256);
        const full = new Uint8Array(2 ** levels * NODE_LENGTH);
        for (let at = 0; at < full.length; at += NODE_LENGTH) full.set(absent, at);
        full.set(layer);
        expect(toHex(nodeOver(layer, levels, absent, sha256))).toBe(toHex(nodeOver(full, levels, absent, sha256)));
      }),
    );
  });

  test("is climbed from each of its nodes to the same root", () => {
    fc.assert(
      fc.property(nodes, fc.nat(), (layer, seed) => {
        const count = layer.length / NODE_LENGTH;
        const levels = treeHeight(count);
        const zeros = absentNode(0, sha256);
        const layers = layersFrom(layer, levels, zeros, sha256);
        const index = seed % count;
        const uncles: Uint8Array[] = [];
        for (let level = 0; level < levels; level++) {
          const at = (Math.floor(index / 2 ** level) ^ 1) * NODE_LENGTH;
          const there = (layers[level] as Uint8Array).subarray(at, at + NODE_LENGTH);
          uncles.push(there.length > 0 ? there : absentNode(level, sha256));
        }
        const node = layer.subarray(index * NODE_LENGTH, (index + 1) * NODE_LENGTH);
        const top = climb(node, index, new Uint8Array(Buffer.concat(uncles)), sha256);
        expect(toHex(top)).toBe(toHex(layers.at(-1) as Uint8Array));
      }),
    );
  });

  test("has the same root by its pieces as by its blocks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 * BLOCK_LENGTH }), fc.nat(3), (length, doublings) => {
        const bytes = new Uint8Array(length).map((_, at) => at * 7);
        const pieceLength = BLOCK_LENGTH * 2 ** doublings;
        const { pieceHeight, rootHeight, pieces } = treeShape(length, pieceLength);
        const zeros = absentNode(0, sha256);
        const layer: Uint8Array[] = [];
        for (let piece = 0; piece < pieces; piece++) {
          const part = bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength);
          layer.push(nodeOver(leavesOf(part, sha256), pieceHeight, zeros, sha256));
        }
        const absent = absentNode(pieceHeight, sha256);
        const byPieces = nodeOver(new Uint8Array(Buffer.concat(layer)), rootHeight - pieceHeight, absent, sha256);
        expect(toHex(byPieces)).toBe(toHex(nodeOver(leavesOf(bytes, sha256), rootHeight, zeros, sha256)));
      }),
      { numRuns: 30 },
    );
  });
});

describe("a layout with gaps", () => {
  test("has every byte of every file in one piece, and no other", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 5 * BLOCK_LENGTH }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.nat(2), (given, doublings) => {
        const pieceLength = BLOCK_LENGTH * 2 ** doublings;
        const files = given.flatMap((length) => {
          const gap = (pieceLength - (length % pieceLength)) % pieceLength;
          return [{ length, isPadding: false }, ...(gap === 0 ? [] : [{ length: gap, isPadding: true }])];
        });
        const total = files.reduce((sum, { length }) => sum + length, 0);
        const layout = new PieceLayout(total, pieceLength, shortPieces(files, pieceLength));
        const spans = new FileLayout(files);
        const content = given.reduce((sum, length) => sum + length, 0);
        expect(layout.contentLength).toBe(content);
        let found = 0;
        for (let piece = 0; piece < layout.pieceCount; piece++) {
          const inPiece = spans.spans(layout.pieceOffset(piece), layout.lengthOf(piece));
          expect(inPiece.map(({ fileIndex }) => files[fileIndex]?.isPadding)).toEqual([false]);
          let blocks = 0;
          for (let block = 0; block < layout.blocksIn(piece); block++) blocks += layout.blockLength(piece, block);
          expect(blocks).toBe(layout.lengthOf(piece));
          found += blocks;
        }
        expect(found).toBe(content);
      }),
    );
  });
});
