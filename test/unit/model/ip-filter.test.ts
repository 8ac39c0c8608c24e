import { describe, expect, test } from "vitest";
import { IpFilterReader } from "../../../core/model/ip-filter-list.ts";

function read(text: string | Uint8Array, chunk = 1 << 20) {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const reader = new IpFilterReader();
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  return reader.end();
}

/** Which of the addresses are blocked. */
const blocked = (text: string, ...hosts: string[]) => hosts.filter((host) => read(text).filter.blocks(host));

describe("a list of blocked addresses", () => {
  test("of PeerGuardian's kind blocks from the first to the last address of a line, whatever its name has", () => {
    const list = "Bad, Inc: no. 1-2:192.0.2.10-192.0.2.20\r\n:198.51.100.7-198.51.100.7\n203.0.113.1-203.0.113.2";
    const hosts = ["192.0.2.9", "192.0.2.10", "192.0.2.20", "192.0.2.21", "198.51.100.7", "203.0.113.2"];
    expect(blocked(list, ...hosts)).toEqual(["192.0.2.10", "192.0.2.20", "198.51.100.7", "203.0.113.2"]);
    expect(read(list).badLines).toBe(0);
  });

  test("of eMule's kind blocks what has a level below 128, and zeros in front are none of octal numbers", () => {
    const list = [
      "192.000.002.010 - 192.000.002.020 , 000 , bad, and worse",
      "198.51.100.0 - 198.51.100.255 , 127 , as bad",
      "203.0.113.0 - 203.0.113.255 , 128 , good",
      "2001:db8::10 - 2001:db8::20 , 0 , bad",
    ].join("\n");
    const hosts = ["192.0.2.10", "192.0.2.8", "198.51.100.9", "203.0.113.9", "2001:db8::1f", "2001:db8::21"];
    expect(blocked(list, ...hosts)).toEqual(["192.0.2.10", "198.51.100.9", "2001:db8::1f"]);
    expect(read(list)).toMatchObject({ badLines: 0, filter: { size: 3 } });
  });

  test("of networks and single addresses blocks them in both families, and skips comments", () => {
    const list = "\ufeff192.0.2.77/24 here\n# 198.51.100.1\n; 198.51.100.1\n// 198.51.100.1\n\n2001:db8:5::/48\n::1\n";
    const hosts = ["192.0.2.0", "192.0.2.255", "192.0.3.0", "198.51.100.1", "2001:db8:5:ffff::", "2001:db8:6::", "::1"];
    expect(blocked(list, ...hosts)).toEqual(["192.0.2.0", "192.0.2.255", "2001:db8:5:ffff::", "::1"]);
    expect(read(list).badLines).toBe(0);
  });

  test("may name ranges of IPv6 as it names others, and an IPv4 address inside of IPv6 is the IPv4 one", () => {
    expect(blocked("Somebody: 2001:db8::-2001:db8::f", "2001:db8::f", "2001:db8::10")).toEqual(["2001:db8::f"]);
    expect(blocked("192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201", "::192.0.2.1")).toHaveLength(2);
  });

  test("may block everything there is, and nothing", () => {
    const all = "0.0.0.0/0\n::/0";
    expect(blocked(all, "0.0.0.0", "255.255.255.255", "::2", `${"ffff:".repeat(7)}ffff`, "example.org")).toHaveLength(
      4,
    );
    expect(blocked("", "0.0.0.0", "::")).toEqual([]);
  });

  test("is merged where ranges overlap or touch", () => {
    const list =
      "a:192.0.2.0-192.0.2.9\nb:192.0.2.5-192.0.2.6\nc:192.0.2.10-192.0.2.19\nd:192.0.2.21-192.0.2.21\n2001:db8::/64\n2001:db8:0:1::/64";
    expect(read(list).filter.size).toBe(3);
    expect(blocked(list, "192.0.2.19", "192.0.2.20", "192.0.2.21")).toEqual(["192.0.2.19", "192.0.2.21"]);
  });

  test("says how many lines it could not understand, and which was the first", () => {
    const bad = [
      "backwards:192.0.2.2-192.0.2.1",
      "two families:192.0.2.1-::1",
      "192.0.2.256",
      "192.0.2.0/33",
      "1.2.3",
      "192.0.2.1 - 192.0.2.2 , high , name",
      "<html>",
      "x".repeat(5000),
    ];
    expect(read(`192.0.2.1\n${bad.join("\n")}`)).toMatchObject({
      filter: { size: 1 },
      badLines: bad.length,
      firstBad: { line: 2, text: "backwards:192.0.2.2-192.0.2.1" },
    });
  });

  test("reads the same in chunks of any size", () => {
    const list = Buffer.from(`a:192.0.2.0-192.0.2.9\r\n${"y".repeat(3000)}\n198.51.100.0/24\n2001:db8::/32`);
    const whole = read(list);
    for (const chunk of [1, 7, 64, 2999]) expect(read(list, chunk)).toEqual(whole);
    expect(whole).toMatchObject({ badLines: 1, filter: { size: 3 } });
  });
});

describe("a PeerGuardian binary list", () => {
  const range = [192, 0, 2, 0, 192, 0, 2, 9];
  const other = [198, 51, 100, 1, 198, 51, 100, 1];
  const head = (version: number) => [255, 255, 255, 255, ...Buffer.from("P2B"), version];
  const named = (version: number) =>
    Buffer.from([...head(version), ...Buffer.from("One\0"), ...range, 0, ...other, ...Buffer.from("b\0"), ...other]);
  const numbered = Buffer.from(
    [
      head(3),
      [0, 0, 0, 2],
      [...Buffer.from("One\0Two\0")],
      [0, 0, 0, 2],
      [0, 0, 0, 1],
      range,
      [0, 0, 0, 0],
      other,
    ].flat(),
  );

  test.each([
    ["1", named(1)],
    ["2", named(2)],
    ["3", numbered],
  ])("of version %s is understood, in chunks of any size", (_, list) => {
    const whole = read(list);
    expect(whole).toMatchObject({ badLines: 0, filter: { size: 2 } });
    expect(whole.filter.blocks("192.0.2.9")).toBe(true);
    expect(whole.filter.blocks("192.0.2.10")).toBe(false);
    expect(whole.filter.blocks("198.51.100.1")).toBe(true);
    for (const chunk of [1, 5, 9, 30]) expect(read(list, chunk)).toEqual(whole);
  });

  test.each([
    ["cut short", numbered.subarray(0, -1), 2, "it is cut short"],
    ["cut in its counts", numbered.subarray(0, 10), 1, "it is cut short"],
    ["of another version", Buffer.from(head(4)), 1, "version 4 of this list is not known"],
    [
      "with a name without an end",
      Buffer.from([...head(1), ...new Array(3000).fill(65)]),
      1,
      "a name of more than 2048 bytes",
    ],
    ["with a range backwards", Buffer.from([...head(2), 66, 0, ...range.slice(4), ...range.slice(0, 4)]), 1, "B"],
  ])("%s is said to be wrong, and at which entry", (_, list, line, text) => {
    for (const chunk of [1, 5000]) {
      expect(read(list, chunk)).toMatchObject({ badLines: 1, firstBad: { line, text } });
    }
  });
});
