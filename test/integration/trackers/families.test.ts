import type { LookupAddress } from "node:dns";
import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { bothFamilies } from "../../../core/runtime/http/families.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { needs } from "../../setup/requirements.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const ipv6 = hasIpv6 ? undefined : "this machine has no IPv6 loopback";

const both = async (): Promise<LookupAddress[]> => [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host === "::1" }, () => {
      resolve((server.address() as { port: number }).port);
    });
  });
}

/** A tracker of two faces on one port, and what each was asked. */
async function startTracker(answers: { readonly four?: string; readonly six?: string | undefined }) {
  const asked: string[] = [];
  const face = (name: string, body: string | undefined) => {
    const server = createServer((request, response) => {
      asked.push(`${name} ${/event=(\w+)/.exec(request.url ?? "")?.[1]}`);
      if (body !== undefined) response.end(body);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return server;
  };
  const port = await listen(face("IPv4", answers.four), "127.0.0.1", 0);
  if ("six" in answers) await listen(face("IPv6", answers.six), "::1", port);
  return { asked, tracker: `http://tracker.test:${port}/announce` };
}

const announce = (tracker: string, event = "started", localAddress?: string) =>
  askTracker(
    { url: `${tracker}?info_hash=x&peer_id=y&event=${event}`, tracker },
    { resolve: both, ...(localAddress === undefined ? {} : { localAddress }) },
  );

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("a tracker of both families", needs(ipv6), () => {
  test("is told and asked over both (BEP 7), also of the end", async () => {
    const { asked, tracker } = await startTracker({ four: "d1:4i4ee", six: "d1:6i6ee" });
    const result = await announce(tracker);
    expect(result.ok && text(result.body)).toBe("d1:4i4ee");
    expect(result.ok && result.also?.map(text)).toEqual(["d1:6i6ee"]);
    await announce(tracker, "stopped");
    expect(asked.slice(0, 2).sort()).toEqual(["IPv4 started", "IPv6 started"]);
    expect(asked.slice(2).sort()).toEqual(["IPv4 stopped", "IPv6 stopped"]);
  });

  test("is asked over one when it does not listen on the other", async () => {
    const { tracker } = await startTracker({ four: "d1:4i4ee" });
    const result = await announce(tracker);
    expect(result.ok && text(result.body)).toBe("d1:4i4ee");
    expect(result.ok && result.also).toEqual([]);
  });

  test("is not waited for where one family is silent", async () => {
    const { tracker } = await startTracker({ four: "d1:4i4ee", six: undefined });
    const result = await announce(tracker);
    expect(result.ok && text(result.body)).toBe("d1:4i4ee");
  });

  test("is asked from the one address that is named, and no other", async () => {
    const { asked, tracker } = await startTracker({ four: "d1:4i4ee", six: "d1:6i6ee" });
    const result = await announce(tracker, "started", "127.0.0.1");
    expect(result.ok && result.also).toBeUndefined();
    expect(asked).toEqual(["IPv4 started"]);
  });
});

describe("looking for both families", () => {
  test("looks no address up", async () => {
    const resolve = () => Promise.reject(new Error("asked"));
    expect(await bothFamilies("http://127.0.0.1/announce", resolve)).toEqual([]);
    expect(await bothFamilies("http://[::1]/announce", resolve)).toEqual([]);
    expect(await bothFamilies("nonsense", resolve)).toEqual([]);
  });

  test("finds none in a name of one, in one that is not known, and in one that is not answered before the end", async () => {
    expect(await bothFamilies("http://t.test/", async () => [{ address: "192.0.2.1", family: 4 }])).toEqual([]);
    expect(await bothFamilies("http://t.test/", () => Promise.reject(new Error("ENOTFOUND")))).toEqual([]);
    const ending = new AbortController();
    const found = bothFamilies("http://t.test/", () => new Promise(() => {}), ending.signal);
    ending.abort();
    expect(await found).toEqual([]);
  });
});
