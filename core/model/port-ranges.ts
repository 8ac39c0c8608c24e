/** Ports by their first and last: `25,110,6881-6889`. */
export type PortRanges = readonly (readonly [first: number, last: number])[];

const MAX_PORT = 65_535;

/** @returns Undefined when the text is no list of ports. Empty: none. */
export function parsePortRanges(text: string): PortRanges | undefined {
  const ranges: [number, number][] = [];
  for (const part of text.trim() === "" ? [] : text.split(",")) {
    const match = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!(first >= 1 && first <= last && last <= MAX_PORT)) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}

export function hasPort(ranges: PortRanges, port: number): boolean {
  return ranges.some(([first, last]) => port >= first && port <= last);
}
