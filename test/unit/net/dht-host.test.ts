import { expect, onTestFinished, test, vi } from "vitest";
import { decodeMessage } from "../../../core/dht/decode.ts";
import { encodeAnswer } from "../../../core/dht/encode.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { DhtHost, type DhtHostOptions } from "../../../core/runtime/net/dht.ts";

function host(load: () => Promise<undefined>, more: Partial<DhtHostOptions> = {}): DhtHost {
  return new DhtHost({
    torrents: new Map(),
    routers: [],
    nodes: [],
    isLocal: true,
    now: () => 0,
    port: () => undefined,
    hasUtp: () => false,
    send: () => undefined,
    load,
    save: async () => undefined,
    ...more,
  });
}

test("what enough nodes take for our address is passed on, once", async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const nodes = Array.from({ length: 8 }, (_, at): Endpoint => ({ host: `${20 + at}.1.1.1`, port: 7 }));
  const learnt: string[] = [];
  const sender = { id: new Uint8Array(20), version: new Uint8Array(4), isReadOnly: false };
  const ours = { host: "203.0.113.9", port: 9 };
  const dht = host(async () => undefined, {
    nodes,
    now: Date.now,
    learnt: (address) => learnt.push(address),
    send: (datagram, to) => {
      const message = decodeMessage(datagram);
      if (message.kind !== "query") return;
      const id = new Uint8Array(20).fill(Number.parseInt(to.host, 10));
      const answer = encodeAnswer({ ...sender, id }, message.transaction, ours, {});
      queueMicrotask(() => dht.received(answer, to));
    },
  });
  await dht.start(["ipv4"]);
  for (let second = 0; second < 30; second++) await vi.advanceTimersByTimeAsync(1000);
  expect(learnt).toEqual(["203.0.113.9"]);
  await dht.stop();
});

test("a DHT that is switched off while it still reads its file does not begin", async () => {
  let dht: DhtHost | undefined;
  dht = host(async () => void (await dht?.stop()));
  await dht.start(["ipv4"]);
  expect(dht.view()).toBeUndefined();
});

test("a DHT is off at once when it stops, though its file is not kept yet", async () => {
  const dht = host(async () => undefined);
  await dht.start(["ipv4"]);
  expect(dht.view()).toBeDefined();
  const stopping = dht.stop();
  expect(dht.view()).toBeUndefined();
  await stopping;
});
