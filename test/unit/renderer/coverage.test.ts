import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PIECE_STATE } from "../../../core/contract/views.ts";
import { Bitfield } from "../../../core/model/bitfield.ts";
import {
  availabilityColumns,
  bitfieldColumns,
  countBits,
  FULL,
  GAP,
  NO_MARK,
  ownColumns,
} from "../../../renderer/canvas/coverage.ts";
import { columnsOf, piecesAt } from "../../../renderer/canvas/geometry.ts";
import { paintAvailability, paintBitfield, paintOwn, type Raster } from "../../../renderer/canvas/paint.ts";
import { CLEAR, PALETTES, pixel, rampColour, stateColour } from "../../../renderer/canvas/palette.ts";

function fieldOf(length: number, has: (piece: number) => boolean): Bitfield {
  const field = new Bitfield(length);
  for (let piece = 0; piece < length; piece++) if (has(piece)) field.set(piece);
  return field;
}

describe("a downsampled bitfield", () => {
  it("counts bits as a loop would", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(320), fc.nat(320), (bytes, a, b) => {
        const [first, end] = [Math.min(a, b), Math.min(Math.max(a, b), bytes.length * 8)];
        let naive = 0;
        for (let at = first; at < end; at++) naive += ((bytes[at >>> 3] as number) >>> (7 - (at & 7))) & 1;
        expect(countBits(bytes, first, end)).toBe(naive);
      }),
    );
  });

  it("shades each column by the share of its pieces", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 2, max: 9 }),
        (pieceCount, columns, every) => {
          const field = fieldOf(pieceCount, (piece) => piece % every === 0);
          const shades = bitfieldColumns(field.bytes, pieceCount, columns);
          for (let column = 0; column < columns; column++) {
            const { first, end } = piecesAt(column, columns, pieceCount);
            const has = countBits(field.bytes, first, end);
            const shade = shades[column] as number;
            if (shade === GAP) continue;
            if (has === 0) expect(shade).toBe(0);
            else if (has === end - first) expect(shade).toBe(FULL);
            else expect(Math.abs(shade - (has / (end - first)) * FULL)).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("shows one piece of a hundred thousand, and one that is missing", () => {
    const one = fieldOf(100_000, (piece) => piece === 31_415);
    const column = columnsOf(31_415, 500, 100_000).first;
    const shades = bitfieldColumns(one.bytes, 100_000, 500);
    expect([...shades.keys()].filter((at) => shades[at] !== 0)).toEqual([column]);
    const allButOne = fieldOf(100_000, (piece) => piece !== 31_415);
    const gapped = bitfieldColumns(allButOne.bytes, 100_000, 500);
    expect([...gapped.keys()].filter((at) => gapped[at] !== FULL)).toEqual([column]);
  });

  it("leaves gaps between wide cells, but none after the last", () => {
    const shades = bitfieldColumns(Bitfield.full(10).bytes, 10, 100);
    expect([...shades.keys()].filter((at) => shades[at] === GAP)).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89]);
  });
});

describe("our own pieces, downsampled", () => {
  it("show the rarest state of a column", () => {
    const states = new Uint8Array(1000).fill(PIECE_STATE.verified);
    states[505] = PIECE_STATE.requested;
    states[506] = PIECE_STATE.failed;
    states[507] = PIECE_STATE.writing;
    const { marks } = ownColumns(states, 10);
    expect([...marks]).toEqual(Array.from({ length: 10 }, (_, at) => (at === 5 ? PIECE_STATE.failed : NO_MARK)));
  });

  it("measure what is verified against what is wanted", () => {
    const states = Uint8Array.of(
      PIECE_STATE.verified,
      PIECE_STATE.unwanted,
      PIECE_STATE.unwanted,
      PIECE_STATE.unwanted,
      PIECE_STATE.missing,
      PIECE_STATE.verified,
    );
    const { coverage, marks } = ownColumns(states, 3);
    expect(coverage[0]).toBe(FULL);
    expect(marks[1]).toBe(PIECE_STATE.unwanted);
    expect(coverage[2]).toBe(FULL / 2);
  });
});

describe("availability, downsampled", () => {
  it("is that of the rarest piece of a column", () => {
    expect([...availabilityColumns(Uint8Array.of(9, 1, 9, 9, 0, 9), 9, 3)]).toEqual([Math.round(FULL / 9), FULL, 0]);
  });
});

describe("painting", () => {
  const palette = PALETTES.light;
  const raster = (width: number, height: number): Raster => ({
    pixels: new Uint32Array(width * height),
    width,
    height,
  });
  const at = (picture: Raster, x: number, y: number) => picture.pixels[y * picture.width + x];

  it("puts a piece where the geometry says", () => {
    const field = fieldOf(50, (piece) => piece === 20);
    const picture = raster(60, 9);
    paintBitfield(picture, 5, 3, 50, 4, field.bytes, 50, palette);
    const { first } = columnsOf(20, 50, 50);
    expect(at(picture, 5 + first, 3)).toBe(pixel(rampColour(palette.ramp, 1)));
    expect(at(picture, 5 + first, 6)).toBe(pixel(rampColour(palette.ramp, 1)));
    expect(at(picture, 5 + first + 1, 3)).toBe(pixel(rampColour(palette.ramp, 0)));
    expect(at(picture, 5 + first, 2)).toBe(CLEAR);
    expect(at(picture, 5 + first, 7)).toBe(CLEAR);
  });

  it("keeps to the raster when a row is half out of sight", () => {
    const picture = raster(10, 4);
    paintBitfield(picture, 0, -2, 10, 4, Bitfield.full(10).bytes, 10, palette);
    paintBitfield(picture, 0, 3, 10, 4, Bitfield.full(10).bytes, 10, palette);
    expect([0, 1, 2, 3].map((y) => at(picture, 0, y) !== CLEAR)).toEqual([true, true, false, true]);
  });

  it("draws the same bytes for another number of pieces anew", () => {
    const bytes = Uint8Array.of(0xf0);
    const picture = raster(8, 1);
    paintBitfield(picture, 0, 0, 8, 1, bytes, 8, palette);
    paintBitfield(picture, 0, 0, 8, 1, bytes, 4, palette);
    expect(at(picture, 7, 0)).toBe(pixel(rampColour(palette.ramp, 1)));
  });

  it("gives each state of our own pieces its colour", () => {
    const picture = raster(6, 1);
    paintOwn(picture, 0, 0, 6, 1, Uint8Array.of(0, 1, 2, 3, 4, 5), palette);
    const names = ["missing", "requested", "writing", "verified", "failed", "unwanted"] as const;
    expect([...picture.pixels]).toEqual(names.map((name) => pixel(stateColour(palette, name))));
  });

  it("marks at the foot what nobody has", () => {
    const picture = raster(2, 20);
    paintAvailability(picture, 0, 0, 20, availabilityColumns(Uint8Array.of(0, 4), 4, 2), palette);
    expect(at(picture, 0, 19)).toBe(pixel(palette.absent));
    expect(at(picture, 0, 10)).toBe(CLEAR);
    expect(at(picture, 1, 0)).not.toBe(CLEAR);
  });
});

describe("the palettes", () => {
  const luminance = ([red, green, blue]: readonly [number, number, number]) => {
    const linear = (value: number) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };

  it.each(["light", "dark"] as const)("have a %s ramp whose lightness only goes one way", (scheme) => {
    const steps = Array.from({ length: 65 }, (_, at) => luminance(rampColour(PALETTES[scheme].ramp, at / 64)));
    const sign = Math.sign((steps.at(-1) as number) - (steps[0] as number));
    for (let at = 1; at < steps.length; at++)
      expect(sign * ((steps[at] as number) - (steps[at - 1] as number))).toBeGreaterThan(0);
  });

  it.each(["light", "dark"] as const)("tell having from lacking by a contrast of 3 and more in %s", (scheme) => {
    const [a, b] = [0, 1].map((at) => luminance(rampColour(PALETTES[scheme].ramp, at))) as [number, number];
    expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThan(3);
  });
});
