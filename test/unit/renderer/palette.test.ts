import { describe, expect, it } from "vitest";
import { PALETTES, rampColour } from "../../../renderer/canvas/palette.ts";
import { ciede2000, oklab, oklabDistance, type Rgb, seenWith, VISIONS } from "./colour-science.ts";

const STEPS = 20;
const stepsOf = (ramp: readonly Rgb[]) => Array.from({ length: STEPS + 1 }, (_, i) => rampColour(ramp, i / STEPS));
const pairs = <T>(items: readonly T[]) =>
  items.flatMap((one, i) => items.slice(i + 1).map((other) => [one, other] as const));

describe("colour science itself", () => {
  it("agrees with published figures", () => {
    expect(ciede2000([255, 0, 0], [0, 255, 0])).toBeCloseTo(86.61, 1);
    expect(ciede2000([10, 20, 30], [10, 20, 30])).toBe(0);
    expect(oklab([255, 255, 255])[0]).toBeCloseTo(1, 3);
    expect(oklab([0, 0, 255])[0]).toBeCloseTo(0.452, 3);
  });
});

describe.each(Object.entries(PALETTES))("the %s palette", (_, palette) => {
  it.each([
    ["coverage", palette.ramp],
    ["rarity", palette.rarity],
  ])("has a scale of %s whose every step is as large as the others", (_name, ramp) => {
    const steps = stepsOf(ramp);
    const sizes = steps.slice(1).map((step, i) => oklabDistance(steps[i] as Rgb, step));
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.25);
  });

  it.each(VISIONS)("has scales that grow in one direction of lightness, with %s vision", (vision) => {
    for (const ramp of [palette.ramp, palette.rarity]) {
      const lightness = stepsOf(ramp).map((step) => oklab(seenWith(vision, step))[0]);
      const rises = lightness.slice(1).map((value, i) => Math.sign(value - (lightness[i] as number)));
      expect(new Set(rises).size).toBe(1);
      expect(Math.abs((lightness[STEPS] as number) - (lightness[0] as number))).toBeGreaterThan(0.35);
    }
  });

  it.each(VISIONS)("has states that are told apart at a glance, with %s vision", (vision) => {
    const { requested, writing, failed } = palette.states;
    const marks = {
      requested,
      writing,
      failed,
      received: palette.received,
      shared: palette.shared,
      none: rampColour(palette.ramp, 0),
      all: rampColour(palette.ramp, 1),
    };
    for (const [[name, one], [otherName, other]] of pairs(Object.entries(marks))) {
      const distance = ciede2000(seenWith(vision, one), seenWith(vision, other));
      expect({ pair: `${name} and ${otherName}`, isFar: distance >= 12 }).toMatchObject({ isFar: true });
    }
  });

  it("shows what is not wanted apart from what is missing", () => {
    for (const vision of VISIONS) {
      const seen = [palette.states.unwanted, rampColour(palette.ramp, 0)].map((colour) => seenWith(vision, colour));
      expect(ciede2000(...(seen as [Rgb, Rgb]))).toBeGreaterThan(4);
    }
  });
});
