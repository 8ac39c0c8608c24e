import { describe, expect, test } from "vitest";
import { peerPriority } from "../../../core/model/peer-priority.ts";

const between = (a: string, b: string, ports: readonly [number, number] = [6881, 6882]) =>
  peerPriority({ host: a, port: ports[0] }, { host: b, port: ports[1] });

describe("the canonical priority of two peers", () => {
  test("has the values that BEP 40 publishes", () => {
    expect(between("123.213.32.10", "98.76.54.32")).toBe(0xec2d7224);
    expect(between("123.213.32.10", "123.213.32.234")).toBe(0x99568189);
  });

  test("is the same from both sides", () => {
    expect(between("98.76.54.32", "123.213.32.10")).toBe(between("123.213.32.10", "98.76.54.32"));
    expect(between("2001:db8::1", "2a00::2")).toBe(between("2a00::2", "2001:db8::1"));
    expect(between("192.0.2.1", "192.0.2.1", [1, 2])).toBe(between("192.0.2.1", "192.0.2.1", [2, 1]));
  });

  test("looks at ports only where the addresses are one", () => {
    expect(between("192.0.2.1", "192.0.2.1", [1, 2])).not.toBe(between("192.0.2.1", "192.0.2.1", [1, 3]));
    expect(between("192.0.2.1", "192.0.2.2", [1, 2])).toBe(between("192.0.2.1", "192.0.2.2", [1, 3]));
  });

  test("leaves out what one owner could choose: half the bits past a /16, all told within it", () => {
    // 0xaa is what the mask 0x55 takes away.
    expect(between("1.2.3.4", "5.6.0.0")).toBe(between("1.2.3.4", "5.6.170.170"));
    expect(between("1.2.3.4", "1.2.9.0")).toBe(between("1.2.3.4", "1.2.9.170"));
    expect(between("1.2.3.4", "1.2.9.0")).not.toBe(between("1.2.3.4", "1.2.163.0"));
    expect(between("1.2.3.4", "1.2.3.0")).not.toBe(between("1.2.3.4", "1.2.3.170"));
  });

  test("of IPv6 leaves out half the bits past a /48, or past the byte that differs first", () => {
    expect(between("2001:db8:1::1", "2a00:1:2::")).toBe(between("2001:db8:1::1", "2a00:1:2:aaaa:aaaa:aaaa:aaaa:aaaa"));
    expect(between("2001:db8:1::1", "2a00:1:2::")).not.toBe(between("2001:db8:1::1", "2a00:1:82::"));
    expect(between("2001:db8:1:100::", "2001:db8:1:200::")).toBe(between("2001:db8:1:100::", "2001:db8:1:2aa::"));
    expect(between("2001:db8:1:100::", "2001:db8:1:8100::")).not.toBe(between("2001:db8:1:100::", "2001:db8:1:a100::"));
  });

  test("does not exist between families, nor for what is no address", () => {
    expect(between("1.2.3.4", "2001:db8::1")).toBeUndefined();
    expect(between("1.2.3.4", "example.org")).toBeUndefined();
  });
});
