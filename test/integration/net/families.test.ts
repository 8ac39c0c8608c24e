import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Closing } from "../../../core/model/close-reason.ts";
import { dialTcp, listenTcp } from "../../../core/runtime/net/tcp.ts";
import { needs } from "../../setup/requirements.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const ipv6 = hasIpv6 ? undefined : "this machine has no IPv6 loopback";

/** Who calls a listener on `host`, as the listener sees it, one after the other. */
async function listening(host: string | undefined) {
  const callers: Promise<string>[] = [];
  let called: (from: string) => void;
  const expectCaller = () => void callers.push(new Promise((resolve) => (called = resolve)));
  expectCaller();
  const listener = await listenTcp(host, 0, (from, link) => {
    called(from.host);
    expectCaller();
    link.close(true);
    return { received: () => {}, ended: () => {} };
  });
  onTestFinished(() => void listener.close());
  return { port: listener.port, next: () => callers.shift() };
}

/** How a dial ends; undefined when it got through. */
function dialled(host: string, port: number, bindHost: string | undefined): Promise<Closing | undefined> {
  return new Promise((resolve) => {
    const giveUp = dialTcp({ host, port }, bindHost, {
      connected: () => {
        resolve(undefined);
        giveUp();
      },
      received: () => {},
      ended: resolve,
    });
  });
}

describe("peers of both families", needs(ipv6), () => {
  test("are heard on one port, and dialled", async () => {
    const { port, next } = await listening(undefined);
    expect(await dialled("127.0.0.1", port, undefined)).toBeUndefined();
    expect(await next()).toBe("127.0.0.1");
    expect(await dialled("::1", port, undefined)).toBeUndefined();
    expect(await next()).toBe("::1");
    expect(await dialled("127.0.0.1", port, "::")).toBeUndefined();
    expect(await next()).toBe("127.0.0.1");
  });

  test.each([
    ["::1", "127.0.0.1"],
    ["127.0.0.1", "::1"],
  ])("%s is not dialled from elsewhere when only %s may be dialled from", async (to, from) => {
    const { port } = await listening(undefined);
    const closing = await dialled(to, port, from);
    expect(closing).toMatchObject({ reason: "connect-failed", by: "us" });
    expect(closing?.detail).toContain(`can't be reached from ${from}`);
  });
});

test("a peer is dialled from the address that is given", async () => {
  const { port, next } = await listening("127.0.0.1");
  expect(await dialled("127.0.0.1", port, process.platform === "linux" ? "127.0.0.9" : "127.0.0.1")).toBeUndefined();
  expect(await next()).toBe(process.platform === "linux" ? "127.0.0.9" : "127.0.0.1");
});
