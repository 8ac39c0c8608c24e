import { describe, expect, it } from "vitest";
import {
  natPmpAddress,
  natPmpAddressRequest,
  natPmpAnswer,
  natPmpRequest,
} from "../../../../core/discovery/port-mapping/nat-pmp.ts";
import { fromHex, toHex } from "../../../../core/model/bytes.ts";
import { orderOf } from "./orders.ts";

const bytes = (text: string): Uint8Array => fromHex(text.replace(/ /g, "")) as Uint8Array;

describe("NAT-PMP, by the layouts of RFC 6886", () => {
  it("asks for the outer address in two bytes", () => {
    expect(toHex(natPmpAddressRequest())).toBe("0000");
  });

  it("asks for a mapping in twelve: opcode, ports, seconds", () => {
    expect(toHex(natPmpRequest(orderOf()))).toBe("0002 0000 c8d5 c8d5 00000e10".replace(/ /g, ""));
    expect(toHex(natPmpRequest(orderOf({ protocol: "udp", externalPort: 1 })))).toBe("00010000c8d5000100000e10");
  });

  it("unmaps with no outer port and no lifetime", () => {
    expect(toHex(natPmpRequest(orderOf({ kind: "unmap" })))).toBe("00020000c8d5000000000000");
  });

  it("reads the outer address, and that there is none", () => {
    expect(natPmpAddress(bytes("0080 0000 00000007 cb007109"))).toBe("203.0.113.9");
    expect(natPmpAddress(bytes("0080 0003 00000007 00000000"))).toBe("");
    expect(natPmpAddress(bytes("0082 0000 00000007 cb007109"))).toBeUndefined();
    expect(natPmpAddress(bytes("0080"))).toBeUndefined();
  });

  it("reads what was mapped: perhaps another port, for another time", () => {
    const answer = natPmpAnswer(orderOf(), bytes("0082 0000 00000007 c8d5 ea60 00000708"));
    expect(answer).toEqual({ kind: "mapped", externalPort: 60_000, lifetime: 1_800_000, epoch: 7 });
  });

  it("takes only the answer to its own request", () => {
    const whole = "0082 0000 00000007 c8d5 ea60 00000708";
    expect(natPmpAnswer(orderOf({ protocol: "udp" }), bytes(whole))).toBeUndefined();
    expect(natPmpAnswer(orderOf({ internalPort: 1 }), bytes(whole))).toBeUndefined();
    expect(natPmpAnswer(orderOf(), bytes(whole).subarray(0, 15))).toBeUndefined();
    // Of an earlier unmapping of the port, or from one who gives no port at all.
    expect(natPmpAnswer(orderOf(), bytes("0082 0000 00000007 c8d5 0000 00000000"))).toBeUndefined();
    expect(natPmpAnswer(orderOf({ kind: "unmap" }), bytes(whole))).toBeUndefined();
  });

  it("knows when it was unmapped", () => {
    const answer = natPmpAnswer(orderOf({ kind: "unmap" }), bytes("0082 0000 00000007 c8d5 0000 00000000"));
    expect(answer).toEqual({ kind: "unmapped" });
  });

  it.each([
    ["0082 0002 00000007", /not allowed/],
    ["0082 0003 00000007", /no connection/],
    ["0082 0004 00000007 c8d5 0000 00000000", /no room/],
    ["0082 0063 00000007", /reason 99/],
  ])("says a refusal in words: %s", (text, words) => {
    expect(natPmpAnswer(orderOf(), bytes(text))).toEqual({ kind: "refused", words: expect.stringMatching(words) });
  });

  it("takes a server of another version for one that does not speak it", () => {
    expect(natPmpAnswer(orderOf(), bytes("0082 0001 00000007"))).toMatchObject({ kind: "silent" });
  });
});
