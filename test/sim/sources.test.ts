import { expect, test } from "vitest";
import type { SourceView } from "../../core/contract/views.ts";
import { type Discovery, sourceViews } from "../../core/session/sources-view.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { type Machine, World } from "./support/world.ts";

const SECOND = 1000;
const TRACKER = "http://its-own.test/announce";
const content = makeContent([MIB], 64 * KIB, { trackers: [TRACKER] });
const secret = { ...content, metainfo: { ...content.metainfo, isPrivate: true } };

const sources = (
  machine: Machine,
  search?: { isUnderWay: boolean; nextAt: number },
  world: Partial<Discovery> = {},
): Map<string, SourceView> => {
  const { settings } = machine.session;
  const views = sourceViews(machine.torrent, {
    settings,
    isListening: true,
    isNearAsked: true,
    hasDatagrams: true,
    dhtSearch: () => search,
    ...world,
  });
  return new Map(views.map((view) => [view.source.kind, view]));
};

test("what each source gave is counted once a peer, and stays when the peers are gone", () => {
  const world = new World(1);
  const [seed, machine] = [world.machine(), world.machine()];
  seed.share(content, { isSeed: true });
  const torrent = machine.share(content);
  const { endpoint } = seed;
  for (let i = 0; i < 3; i++) torrent.swarm.learn(endpoint, { kind: "tracker", tracker: TRACKER });
  torrent.swarm.learn(endpoint, { kind: "dht" });
  torrent.found([endpoint], { kind: "dht" }, machine.now);
  world.runUntil(() => torrent.swarm.isSeeding, 60 * SECOND);

  // Two seeds have nothing to say to each other, and part.
  world.runUntil(() => [...torrent.swarm.peers].every(({ phase }) => phase !== "open"), 60 * SECOND);
  const found = sources(machine);
  for (const kind of ["tracker", "dht"]) {
    expect(found.get(kind)).toMatchObject({ peersGiven: 1, connected: 0, connections: 1, payloadDown: MIB });
  }
  expect(found.get("pex")).toMatchObject({ peersGiven: 0, connections: 0, payloadDown: 0 });
  expect(sources(seed).get("incoming")).toMatchObject({ peersGiven: 1, connections: 1, payloadUp: MIB });
});

test("who is connected is counted while it is", () => {
  const world = new World(2);
  const [seed, machine] = [world.machine({ up: 20_000 }), world.machine()];
  seed.share(content, { isSeed: true });
  machine.knows(machine.share(content), seed);
  world.runUntil(() => machine.torrent.downloaded > 0, 60 * SECOND);
  const [given] = [...sources(machine).values()].filter(({ peersGiven }) => peersGiven > 0);
  expect(given).toMatchObject({ connected: 1, connections: 1 });
  expect(given?.payloadDown).toBeGreaterThan(0);
});

test("each source says how it stands", () => {
  const world = new World(3);
  const machine = world.machine({ settings: { dht: true, pex: true, lsd: true } });
  machine.share(content);
  const states = (search?: { isUnderWay: boolean; nextAt: number }) =>
    [...sources(machine, search).values()].map(({ source, state }) => `${source.kind} ${state}`);
  expect(states()).toEqual(["tracker on", "dht waiting", "pex on", "lsd on", "incoming on"]);
  expect(states({ isUnderWay: true, nextAt: 5 })).toContain("dht searching");
  expect(sources(machine, { isUnderWay: false, nextAt: 5 }).get("dht")).toMatchObject({ state: "on", nextAt: 5 });

  machine.session.changeSettings({ ...machine.session.settings, dht: false, pex: false, lsd: false });
  expect(states()).toEqual(["tracker on", "dht off", "pex off", "lsd off", "incoming on"]);
  machine.torrent.pause(machine.now);
  machine.session.changeSettings({ ...machine.session.settings, dht: true });
  expect(states()).toEqual(["tracker stopped", "dht stopped", "pex off", "lsd off", "incoming stopped"]);
});

test("a private torrent has peers from its trackers and from callers only", () => {
  const machine = new World(4).machine({ settings: { dht: true, pex: true, lsd: true } });
  machine.share(secret);
  expect([...sources(machine).values()].map(({ source, state }) => `${source.kind} ${state}`)).toEqual([
    "tracker on",
    "dht private",
    "pex private",
    "lsd private",
    "incoming on",
  ]);
});

test("a source that is not to be had here says so, and not that it is on", () => {
  const world = new World(1);
  const machine = world.machine({ settings: { pex: true } });
  machine.share(content);
  const found = sources(machine, undefined, { isNearAsked: false, hasDatagrams: false });
  expect(["dht", "pex", "lsd"].map((kind) => found.get(kind)?.state)).toEqual(["unfit", "on", "unfit"]);
});
