import { describe, expect, test } from "vitest";
import { parseProxy, withoutPassword, withPassword } from "../../../core/model/proxy.ts";

describe("the address of a proxy", () => {
  test.each([
    ["socks5://127.0.0.1", { kind: "socks5", host: "127.0.0.1", port: 1080 }],
    [
      "socks5://me:a%3Ab@proxy.test:9050/",
      { kind: "socks5", host: "proxy.test", port: 9050, user: "me", password: "a:b" },
    ],
    ["http://[::1]:8080", { kind: "http", host: "::1", port: 8080 }],
    ["http://me@proxy.test", { kind: "http", host: "proxy.test", port: 80, user: "me", password: "" }],
  ])("%s is understood", (text, proxy) => {
    expect(parseProxy(text)).toEqual(proxy);
  });

  test.each([
    ["proxy.test:1080", "a proxy is socks5:// or http://"],
    ["127.0.0.1", "not an address as"],
    ["socks4://proxy.test", "a proxy is socks5:// or http://"],
    ["socks5://", "no host"],
    ["socks5://proxy.test:0", "port 0"],
    ["http://proxy.test/path", "nothing may follow"],
    ["socks5://me:%zz@proxy.test", "write % as %25"],
    ["socks5://:secret@proxy.test", "without a user"],
    [`socks5://${"x".repeat(256)}@proxy.test`, "255 bytes"],
  ])("%s is refused in words that never repeat it", (text, words) => {
    const fault = parseProxy(text);
    expect(fault).toContain(words);
    expect(fault).not.toContain("secret");
  });

  test("is shown without its password, which is put back only when nothing else has changed", () => {
    const text = "socks5://me:secret@proxy.test:1080";
    const shown = withoutPassword(text);
    expect(shown).toBe("socks5://me:***@proxy.test:1080");
    expect(withPassword(shown, text)).toBe(text);
    const elsewhere = shown.replace("proxy", "other");
    expect(withPassword(elsewhere, text)).toBe(elsewhere);
    expect(withoutPassword("")).toBe("");
    expect(withPassword("", text)).toBe("");
  });
});
