import { describe, expect, it } from "vitest";
import { pcpAnswer, pcpRequest } from "../../../../core/discovery/port-mapping/pcp.ts";
import { fromHex, toHex } from "../../../../core/model/bytes.ts";
import { orderOf } from "./orders.ts";

const bytes = (text: string): Uint8Array => fromHex(text.replace(/\s/g, "")) as Uint8Array;
const order = orderOf({ method: "pcp" });

/** An answer to MAP: result, lifetime, protocol, ports, address. */
function answer(result: string, lifetime: string, protocol: string, ports: string, address: string): Uint8Array {
  return bytes(`02 81 00 ${result} ${lifetime} 0000002a 000000000000000000000000
    a0a1a2a3a4a5a6a7a8a9aaab ${protocol} 000000 ${ports} ${address}`);
}

const OUTSIDE = "00000000000000000000ffff cb007109";

describe("PCP, by the layouts of RFC 6887", () => {
  it("asks for a mapping in 60 bytes, our address in its IPv6 mapping", () => {
    const expected = `02 01 0000 00000e10 00000000000000000000ffff c0a80105
      a0a1a2a3a4a5a6a7a8a9aaab 06 000000 c8d5 c8d5 00000000000000000000ffff 00000000`;
    expect(toHex(pcpRequest(order, "192.168.1.5"))).toBe(toHex(bytes(expected)));
  });

  it("asks for a hole in a firewall for IPv6 with whole addresses", () => {
    const expected = `02 01 0000 00000e10 20010db8000000000000000000000007
      a0a1a2a3a4a5a6a7a8a9aaab 06 000000 c8d5 c8d5 00000000000000000000000000000000`;
    const asked = pcpRequest({ ...order, family: "ipv6" }, "2001:db8::7");
    expect(toHex(asked)).toBe(toHex(bytes(expected)));
  });

  it("unmaps by the same nonce with no lifetime", () => {
    const request = pcpRequest({ ...order, kind: "unmap", protocol: "udp" }, "192.168.1.5");
    expect(toHex(request.subarray(4, 8))).toBe("00000000");
    expect(toHex(request.subarray(24))).toBe(
      toHex(bytes("a0a1a2a3a4a5a6a7a8a9aaab 11 000000 c8d5 0000 00000000000000000000ffff 00000000")),
    );
  });

  it("reads what was mapped, and the outer address", () => {
    const mapped = answer("00", "00000708", "06", "c8d5 ea60", OUTSIDE);
    expect(pcpAnswer(order, mapped)).toEqual({
      kind: "mapped",
      externalPort: 60_000,
      lifetime: 1_800_000,
      epoch: 42,
      address: "203.0.113.9",
    });
  });

  it("takes only the answer to its own request", () => {
    const mapped = answer("00", "00000708", "06", "c8d5 ea60", OUTSIDE);
    expect(pcpAnswer({ ...order, protocol: "udp" }, mapped)).toBeUndefined();
    expect(pcpAnswer({ ...order, internalPort: 7 }, mapped)).toBeUndefined();
    expect(pcpAnswer({ ...order, nonce: new Uint8Array(12) }, mapped)).toBeUndefined();
    expect(pcpAnswer(order, mapped.subarray(0, 59))).toBeUndefined();
    expect(pcpAnswer(order, pcpRequest(order, "192.168.1.5"))).toBeUndefined();
    expect(pcpAnswer(order, new Uint8Array(1101).fill(2))).toBeUndefined();
    expect(pcpAnswer(order, answer("00", "00000708", "06", "c8d5 0000", OUTSIDE))).toBeUndefined();
  });

  it("knows when it was unmapped", () => {
    const unmapped = answer("00", "00000000", "06", "c8d5 0000", OUTSIDE);
    expect(pcpAnswer({ ...order, kind: "unmap" }, unmapped)).toEqual({ kind: "unmapped" });
    expect(pcpAnswer(order, unmapped)).toBeUndefined();
  });

  it("says a refusal in words, and when another port may do", () => {
    expect(pcpAnswer(order, answer("02", "00000e10", "06", "c8d5 0000", OUTSIDE))).toEqual({
      kind: "refused",
      words: expect.stringContaining("not allowed"),
    });
    expect(pcpAnswer(order, answer("0b", "00000e10", "06", "c8d5 0000", OUTSIDE))).toMatchObject({
      kind: "refused",
      remedy: "another-port",
    });
  });

  it("hears from a server of NAT-PMP alone that it speaks no PCP", () => {
    expect(pcpAnswer(order, bytes("00 81 0001 0000002a"))).toMatchObject({ kind: "silent" });
    expect(pcpAnswer(order, answer("01", "00000000", "06", "c8d5 0000", OUTSIDE))).toMatchObject({ kind: "silent" });
  });
});
