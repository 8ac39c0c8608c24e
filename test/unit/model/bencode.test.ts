import { describe, expect, test } from "vitest";
import {
  type BencodeDict,
  type BencodeFault,
  type BencodeLimits,
  decodeBencode,
  decodeBencodePrefix,
  encodeBencode,
} from "../../../core/model/bencode.ts";
import { fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";

function decoded(text: string) {
  const result = decodeBencode(fromLatin1(text));
  if (!result.ok) throw new Error(result.fault.words);
  return result;
}

function faultOf(text: string, limits?: BencodeLimits): BencodeFault {
  const result = decodeBencode(fromLatin1(text), limits);
  if (result.ok) throw new Error(`${JSON.stringify(text)} was accepted`);
  return result.fault;
}

describe("decodeBencode", () => {
  test("gives integers as numbers while those are exact, then as bigints up to 64 bits", () => {
    expect(decoded("i0e").value).toBe(0);
    expect(decoded("i-42e").value).toBe(-42);
    expect(decoded("i9007199254740991e").value).toBe(2 ** 53 - 1);
    expect(decoded("i9007199254740993e").value).toBe(9007199254740993n);
    expect(decoded("i9223372036854775807e").value).toBe(2n ** 63n - 1n);
    expect(decoded("i-9223372036854775808e").value).toBe(-(2n ** 63n));
  });

  test.each([
    ["i03e", "leading zero"],
    ["i-0e", "negative zero"],
    ["i-03e", "leading zero"],
    ["i00e", "leading zero"],
    ["ie", "no digits"],
    ["i-e", "no digits"],
    ["i+1e", "0x2b"],
    ["i1.5e", "0x2e"],
    ["i 1e", "0x20"],
    ["i9223372036854775808e", "beyond 64 bits"],
    ["i-9223372036854775809e", "beyond 64 bits"],
    [`i${"9".repeat(400)}e`, "beyond 64 bits"],
  ])("refuses the integer %s", (text, words) => {
    expect(faultOf(text)).toMatchObject({ kind: "integer", offset: 0 });
    expect(faultOf(text).words).toContain(words);
  });

  test.each(["-3:abc", "03:abc", "00:", ":", "3", "3x:abc", "99999999999:a", "l-3:e", "x", "e", "d3:keye", "di1e1:ae"])(
    "refuses the malformed %s",
    (text) => {
      expect(["syntax", "truncated"]).toContain(faultOf(text).kind);
    },
  );

  test.each(["5:abcd", "d", "l", "l1:a", "d1:a", "d1:a1:b", "i12", "i", "i-", "12", "d1:ai1e"])(
    "calls %s truncated",
    (text) => {
      expect(faultOf(text).kind).toBe("truncated");
    },
  );

  test("names both numbers of a string that is longer than the input", () => {
    expect(faultOf("d4:info20:short").words).toBe("a string of 20 bytes at byte 7, only 5 are left");
  });

  test("refuses empty input, and bytes after the end with their number", () => {
    expect(faultOf("").kind).toBe("empty");
    expect(faultOf("i1eabc")).toEqual({
      kind: "trailing",
      offset: 3,
      words: "3 bytes after the end of the value at byte 3",
    });
  });

  test("decodes the value at the front when raw bytes may follow", () => {
    const result = decodeBencodePrefix(fromLatin1("d8:msg_typei1e5:piecei0eeRAW BYTES"));
    expect(result.ok && result.end).toBe(25);
  });

  test("refuses more levels, values and bytes than the limits without recursing", () => {
    expect(decodeBencode(fromLatin1("l".repeat(100) + "e".repeat(100))).ok).toBe(true);
    expect(faultOf("l".repeat(101) + "e".repeat(101)).kind).toBe("too-deep");
    expect(faultOf("l".repeat(1_000_000)).kind).toBe("too-deep");
    expect(faultOf(`l${"i1e".repeat(10)}e`, { maxTokens: 10 }).kind).toBe("too-many");
    expect(faultOf("10:0123456789", { maxBytes: 12 }).kind).toBe("too-large");
  });

  test("refuses a key that comes twice, also when others lie between", () => {
    expect(faultOf("d1:ai1e1:ai2ee")).toMatchObject({ kind: "duplicate-key", offset: 7 });
    expect(faultOf("d1:di1e1:bi2e1:di3ee").kind).toBe("duplicate-key");
  });

  test("reports keys out of order and keeps them", () => {
    const { value, warnings } = decoded("d1:bi1e1:ai2ee");
    expect([...(value as BencodeDict).keys()]).toEqual(["b", "a"]);
    expect(warnings).toEqual(['key "a" at byte 7 is not in sorted order']);
  });

  test("keeps a key __proto__ as one like any other", () => {
    const { value } = decoded("d9:__proto__d8:pollutedi1eee");
    expect((value as BencodeDict).get("__proto__")).toEqual(new Map([["polluted", 1]]));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Map.prototype);
  });

  test("keeps binary keys byte for byte", () => {
    const { value } = decoded("d3:\xff\x00\x80i1ee");
    expect((value as BencodeDict).get("\xff\x00\x80")).toBe(1);
  });

  test("tells where the values of the outermost dictionary lie", () => {
    const text = "d4:infod6:lengthi5ee3:zzz2:abe";
    const { spans } = decoded(text);
    const info = spans.get("info");
    expect(text.slice(info?.start, info?.end)).toBe("d6:lengthi5ee");
    const last = spans.get("zzz");
    expect(text.slice(last?.start, last?.end)).toBe("2:ab");
    expect(spans.has("length")).toBe(false);
  });

  test("shows hostile keys in printable characters only, and cut", () => {
    expect(faultOf("d5:\x1b[2Jxi1e5:\x1b[2Jxi2ee").words).toContain('"\\x1b[2Jx"');
    const long = "k".repeat(5000);
    expect(faultOf(`d5000:${long}i1e5000:${long}i1ee`).words.length).toBeLessThan(120);
  });
});

describe("encodeBencode", () => {
  test("sorts keys by their bytes, binary ones too", () => {
    const value = new Map([
      ["\xff", 1],
      ["a", 2],
      ["Z", 3],
      ["\x00\x80", 4],
      ["aa", 5],
    ]);
    expect(toLatin1(encodeBencode(value))).toBe("d2:\x00\x80i4e1:Zi3e1:ai2e2:aai5e1:\xffi1ee");
  });

  test("writes strings as UTF-8, bytes as they are, and leaves undefined out", () => {
    const bytes = encodeBencode({
      name: "é",
      raw: Uint8Array.of(0, 255),
      none: undefined,
      list: [1, "x", []],
      zero: -0,
    });
    expect(toLatin1(bytes)).toBe("d4:listli1e1:xlee4:name2:\xc3\xa93:raw2:\x00\xff4:zeroi0ee");
  });

  test("writes keys of an object's prototype like any other", () => {
    expect(toLatin1(encodeBencode(new Map([["__proto__", 1]])))).toBe("d9:__proto__i1ee");
  });

  test("throws for integers that a number does not hold exactly", () => {
    expect(() => encodeBencode(2 ** 53)).toThrow("integer up to 2^53");
    expect(() => encodeBencode([0.5])).toThrow("integer up to 2^53");
    expect(toLatin1(encodeBencode(2 ** 53 - 1))).toBe("i9007199254740991e");
  });
});
