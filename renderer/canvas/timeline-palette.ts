import type { BandName } from "../format/peer-bands.ts";
import type { Colour, Scheme } from "./palette.ts";

/** Colours of a peer's page: a held claim, the lines of the charts, and whose a piece is. They differ in lightness, too. */
export interface LifePalette {
  readonly bands: Record<BandName, Colour>;
  /** A band where its claim does not hold. */
  readonly track: Colour;
  readonly grid: Colour;
  readonly text: Colour;
  readonly quiet: Colour;
  readonly down: Colour;
  readonly up: Colour;
  readonly trip: Colour;
  readonly shares: Record<"both" | "onlyIt" | "onlyWe" | "neither", Colour>;
  /** Marks on a piece: asked for, and to be asked for next. */
  readonly flight: Colour;
  readonly next: Colour;
}

export const LIFE_PALETTES: Record<Scheme, LifePalette> = {
  light: {
    bands: {
      weChoke: [146, 157, 170],
      peerChokes: [104, 116, 132],
      weAreInterested: [58, 140, 178],
      peerIsInterested: [20, 92, 136],
      snubbed: [213, 62, 30],
      parole: [196, 122, 10],
      optimistic: [146, 92, 206],
      uploadOnly: [40, 138, 88],
    },
    track: [238, 241, 244],
    grid: [226, 231, 236],
    text: [58, 68, 82],
    quiet: [95, 107, 122],
    down: [20, 110, 158],
    up: [134, 84, 196],
    trip: [168, 104, 8],
    shares: { both: [22, 84, 124], onlyIt: [240, 165, 40], onlyWe: [138, 184, 204], neither: [230, 234, 239] },
    flight: [178, 30, 116],
    next: [23, 28, 35],
  },
  dark: {
    bands: {
      weChoke: [82, 94, 109],
      peerChokes: [122, 135, 152],
      weAreInterested: [52, 128, 160],
      peerIsInterested: [110, 196, 230],
      snubbed: [255, 107, 74],
      parole: [239, 181, 78],
      optimistic: [185, 148, 242],
      uploadOnly: [99, 201, 151],
    },
    track: [29, 36, 44],
    grid: [36, 44, 53],
    text: [201, 209, 219],
    quiet: [143, 155, 171],
    down: [88, 180, 220],
    up: [185, 148, 242],
    trip: [239, 181, 78],
    shares: { both: [112, 189, 180], onlyIt: [245, 178, 58], onlyWe: [44, 106, 132], neither: [35, 42, 51] },
    flight: [255, 128, 200],
    next: [240, 244, 250],
  },
};
