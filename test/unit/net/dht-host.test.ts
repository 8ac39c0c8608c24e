import { expect, test } from "vitest";
import { DhtHost } from "../../../core/runtime/net/dht.ts";

function host(load: () => Promise<undefined>): DhtHost {
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
  });
}

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
