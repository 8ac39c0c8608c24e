import { describe, expect, test } from "vitest";
import { HopGate } from "../../../core/runtime/http/fetch-limited.ts";
import type { Reach } from "../../../core/runtime/http/reach.ts";

/** @returns The addresses that a name leads to after the gate has judged them, or why there are none. */
function looked(from: Reach | undefined, ...addresses: readonly string[]): Promise<string[] | string> {
  const gate = new HopGate(new URL("http://name.test/"), from, {
    judge: () => undefined,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  });
  return new Promise((resolve) => {
    gate.lookup("name.test", { all: true }, (error, found) => {
      resolve(error === null ? (found as { address: string }[]).map(({ address }) => address) : error.message);
    });
  });
}

const literal = (url: string, from: Reach | undefined) => () =>
  new HopGate(new URL(url), from, { judge: () => undefined }).admitLiteral();

describe("a redirect from a public address", () => {
  test.each([
    ["http://127.0.0.1/", "loopback"],
    ["http://[::1]:8080/x", "loopback"],
    ["http://[::ffff:10.1.2.3]/", "private"],
    ["http://192.168.1.1/", "private"],
    ["http://169.254.169.254/latest/meta-data", "private"],
  ])("to %s is refused", (url, reach) => {
    expect(literal(url, "public")).toThrow(`it redirects from a public to a ${reach} address`);
    expect(literal(url, undefined)).not.toThrow();
  });

  test("to a name is refused by what it leads to, address by address", async () => {
    expect(await looked("public", "10.0.0.1")).toBe("it redirects from a public to a private address");
    expect(await looked("public", "127.0.0.1", "93.184.216.34")).toEqual(["93.184.216.34"]);
    expect(await looked(undefined, "10.0.0.1")).toEqual(["10.0.0.1"]);
  });
});

test("a redirect from a private network leads outwards, and never to this machine", () => {
  expect(literal("http://93.184.216.34/", "private")).not.toThrow();
  expect(literal("http://127.0.0.1/", "private")).toThrow("it redirects from a private to a loopback address");
});
