import { expect, test } from "vitest";
import type { SessionView } from "../../core/contract/views.ts";
import { Watcher } from "../../core/session/watcher.ts";
import { makeContent } from "./support/content.ts";
import { World } from "./support/world.ts";

test("peers that are here, known and gone are told with the country that the world outside knows of", () => {
  const world = new World(7);
  const content = makeContent([400_000], 32 * 1024, { seed: 3, trackers: ["http://tracker.test/announce"] });
  world.machine({ up: 60_000 }).share(content, { isSeed: true });
  const machine = world.machine();
  const torrent = machine.share(content);
  let isOpen = false;
  const watcher = new Watcher(machine.session, {
    countryOf: (host) => (isOpen && host.includes(".") ? "NO" : undefined),
    dhtSearch: () => undefined,
    isNearAsked: false,
    hasDatagrams: false,
  });
  watcher.watch([{ torrent: torrent.id, parts: ["peers", "known"] }]);
  const look = () => watcher.update({} as SessionView, world.clock.now)?.details?.[0];

  world.runUntil(() => torrent.swarm.peers.size > 0, 60_000);
  expect(look()?.peers?.changed.map(({ set }) => set.country)).toEqual([undefined]);
  // The database was read meanwhile.
  isOpen = true;
  expect(look()?.peers?.changed.map(({ set }) => set.country)).toEqual(["NO"]);
  const [peer] = torrent.swarm.peers;
  torrent.disconnect(peer?.id ?? -1, world.clock.now);
  world.run(1000);
  const after = look();
  expect(after?.peers?.gone.map(({ country }) => country)).toEqual(["NO"]);
  expect(after?.known?.changed.map(({ set }) => [set.country, set.lastEnd?.reason])).toEqual([["NO", "local"]]);
});
