import { describe, expect, test } from "vitest";
import { addressBytes, addressText, isLocalHost, partyOf } from "../../../core/model/address.ts";

describe("an address", () => {
  test.each([
    ["192.0.2.7", [192, 0, 2, 7]],
    ["::1", [...new Array<number>(15).fill(0), 1]],
    ["2001:db8::ff00:42", [0x20, 1, 0x0d, 0xb8, ...new Array<number>(8).fill(0), 0xff, 0, 0, 0x42]],
    ["fe80::1%eth0", [0xfe, 0x80, ...new Array<number>(13).fill(0), 1]],
    ["::ffff:192.0.2.7", [192, 0, 2, 7]],
  ])("%s is read and written back", (text, bytes) => {
    expect([...(addressBytes(text) ?? [])]).toEqual(bytes);
    expect(addressBytes(addressText(Uint8Array.from(bytes)) ?? "")).toEqual(Uint8Array.from(bytes));
  });

  test.each(["", "1.2.3", "1.2.3.256", "1:2:3", "::1::", "12345::", "1:2:3:4:5:6:7:8:9", "tracker.example"])(
    "is not %j",
    (text) => {
      expect(addressBytes(text)).toBeUndefined();
    },
  );

  test("is local in private, link-local, provider's and loopback ranges, and nowhere else", () => {
    const local = [
      "10.1.2.3",
      "127.0.0.1",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "169.254.9.9",
      "100.127.0.1",
    ];
    const localIpv6 = ["::1", "fc00::1", "fdff::1", "fe80::1", "febf::1"];
    for (const host of [...local, ...localIpv6]) expect([host, isLocalHost(host)]).toEqual([host, true]);
    const open = ["11.0.0.1", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1", "100.63.0.1", "8.8.8.8"];
    for (const host of [...open, "2001:db8::1", "fec0::1", "fe00::1"]) {
      expect([host, isLocalHost(host)]).toEqual([host, false]);
    }
  });
});

test("a party is a global address, a global network of 64 bits, or one local endpoint", () => {
  expect(partyOf({ host: "203.0.113.5", port: 1 })).toBe("203.0.113.5");
  expect(partyOf({ host: "2001:db8:1:2:3:4:5:6", port: 1 })).toBe("2001:db8:1:2::/64");
  expect(partyOf({ host: "2001:db8:1:2:9::", port: 2 })).toBe("2001:db8:1:2::/64");
  expect(partyOf({ host: "192.168.1.4", port: 6881 })).toBe("192.168.1.4:6881");
  expect(partyOf({ host: "fe80::1", port: 6881 })).toBe("[fe80::1]:6881");
});
