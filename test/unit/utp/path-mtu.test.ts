import { describe, expect, it } from "vitest";
import { PathMtu } from "../../../core/utp/path-mtu.ts";

/** Probes a path that carries `most`, to the end. @returns The probes' lengths. */
function search(mtu: PathMtu, most: number): number[] {
  const probes: number[] = [];
  for (let probe = mtu.probe; probe !== undefined; probe = mtu.probe) {
    probes.push(probe);
    if (probe <= most) mtu.arrived(probe);
    else mtu.lost(probe);
  }
  return probes;
}

describe("the search for the longest datagram", () => {
  it("begins with what every path carries", () => {
    expect(new PathMtu(false).floor).toBe(576 - 28);
    expect(new PathMtu(true).floor).toBe(1280 - 48);
  });

  it("needs one probe where the path carries what Ethernet does", () => {
    const mtu = new PathMtu(false);
    expect(search(mtu, 1472)).toEqual([1472]);
    expect(mtu.floor).toBe(1472);
  });

  it.for([548, 600, 1000, 1371, 1372, 1400, 1464])("ends within 16 bytes of %i, never above", (most) => {
    const mtu = new PathMtu(false);
    const probes = search(mtu, most);
    expect(mtu.floor).toBeLessThanOrEqual(most);
    expect(mtu.floor).toBeGreaterThan(most - 16);
    expect(probes.length).toBeLessThan(20);
  });

  it("blames the length only when a second probe of it is lost", () => {
    const mtu = new PathMtu(false);
    mtu.lost(1472);
    expect(mtu.probe).toBe(1472);
    mtu.arrived(1472);
    expect(mtu.floor).toBe(1472);
  });
});
