import { PIECE_STATE, type PieceState } from "../../core/contract/views.ts";
import { FULL, GAP, NO_MARK } from "./coverage.ts";
import { FLIGHT } from "./flight.ts";

/** Red, green, blue: 0 … 255 each. */
export type Colour = readonly [red: number, green: number, blue: number];
export type Scheme = "light" | "dark";

/**
 * Colours of the pictures. The ramp runs from paper to ink in lightness, blue to yellow-green in hue, so that it
 * reads the same without colour vision and in print; states differ in lightness as well as in hue.
 */
export interface Palette {
  /** Stops of the ramp from "has nothing" to "has everything", evenly spread. */
  readonly ramp: readonly Colour[];
  readonly states: Record<Exclude<PieceState, "verified" | "missing">, Colour>;
  /** A piece that nobody has. */
  readonly absent: Colour;
  /** A block that came, of a piece that is not whole. */
  readonly received: Colour;
  /** A block that several peers are asked for: the endgame. */
  readonly shared: Colour;
  /** Stops from a piece that everybody has to one that hardly anybody has; it gains in contrast to the ground. */
  readonly rarity: readonly Colour[];
  readonly text: Colour;
  readonly quiet: Colour;
  /** Thin lines that guide the eye. */
  readonly grid: Colour;
}

export const PALETTES: Record<Scheme, Palette> = {
  light: {
    ramp: [
      [221, 227, 235],
      [159, 203, 215],
      [106, 174, 194],
      [62, 141, 172],
      [30, 107, 148],
      [19, 75, 115],
    ],
    states: { requested: [240, 173, 44], writing: [158, 103, 214], failed: [213, 62, 30], unwanted: [246, 247, 249] },
    absent: [213, 62, 30],
    received: [82, 159, 99],
    shared: [189, 88, 144],
    rarity: [
      [250, 236, 208],
      [241, 185, 111],
      [218, 128, 51],
      [178, 76, 24],
    ],
    text: [58, 68, 82],
    quiet: [104, 115, 130],
    grid: [198, 206, 216],
  },
  dark: {
    ramp: [
      [44, 52, 62],
      [33, 76, 99],
      [35, 104, 127],
      [49, 133, 149],
      [76, 161, 167],
      [112, 189, 180],
    ],
    states: { requested: [248, 180, 49], writing: [181, 138, 241], failed: [245, 95, 70], unwanted: [24, 29, 35] },
    absent: [245, 95, 70],
    received: [167, 202, 140],
    shared: [192, 100, 170],
    rarity: [
      [52, 42, 30],
      [124, 79, 30],
      [196, 125, 48],
      [252, 186, 104],
    ],
    text: [201, 209, 219],
    quiet: [139, 150, 165],
    grid: [58, 68, 80],
  },
};

/** The ramp's colour at a share of 0 … 1. */
export function rampColour(ramp: readonly Colour[], at: number): Colour {
  const place = Math.min(1, Math.max(0, at)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(place));
  const from = ramp[low] as Colour;
  const to = ramp[low + 1] as Colour;
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * (place - low));
  return [mix(0), mix(1), mix(2)];
}

/** A pixel that lets the page show through. */
export const CLEAR = 0;

/** One pixel as ImageData's 32-bit view has it on the little-endian machines that browsers run on. */
export function pixel([red, green, blue]: Colour): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Every byte of `bitfieldColumns` as a pixel: 0 … FULL the ramp, GAP clear, so that the ground shows. */
export function rampPixels(palette: Palette): Uint32Array {
  const pixels = new Uint32Array(256);
  for (let value = 0; value <= FULL; value++) pixels[value] = pixel(rampColour(palette.ramp, value / FULL));
  pixels[GAP] = CLEAR;
  return pixels;
}

/** Every mark of `ownColumns` as a pixel; clear where the coverage is painted. */
export function markPixels(palette: Palette): Uint32Array {
  const pixels = new Uint32Array(256);
  for (const name of ["requested", "writing", "failed", "unwanted"] as const) {
    pixels[PIECE_STATE[name]] = pixel(palette.states[name]);
  }
  pixels[NO_MARK] = CLEAR;
  return pixels;
}

/** Every `FLIGHT` as a pixel. */
export function flightPixels({ received, shared, states }: Palette): Uint32Array {
  const pixels = new Uint32Array(3);
  pixels[FLIGHT.received] = pixel(received);
  pixels[FLIGHT.asked] = pixel(states.requested);
  pixels[FLIGHT.shared] = pixel(shared);
  return pixels;
}

/** For CSS. */
export function cssColour([red, green, blue]: Colour): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** The colour that a piece's state has in legends. */
export function stateColour(palette: Palette, state: PieceState): Colour {
  if (state === "verified") return rampColour(palette.ramp, 1);
  if (state === "missing") return rampColour(palette.ramp, 0);
  return palette.states[state];
}
