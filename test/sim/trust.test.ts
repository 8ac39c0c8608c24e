import { describe, expect, test } from "vitest";
import { MESSAGE } from "../../core/wire/message-id.ts";
import { makeContent } from "./support/content.ts";
import { KIB, MIB } from "./support/measures.ts";
import { ScriptedPeer } from "./support/scripted.ts";
import { World } from "./support/world.ts";

const content = makeContent([4 * MIB], 64 * KIB);
const HOST = "203.0.113.5";

describe("a peer that is closed for what it sends", () => {
  const offend = (peer: ScriptedPeer) => peer.say((writer) => writer.piece(MESSAGE.have, 1_000_000));

  test("seven times is banned, on whatever connections, with the evidence", () => {
    const world = new World(1);
    const machine = world.machine();
    const torrent = machine.share(content);
    for (let n = 1; n <= 7; n++) {
      expect(machine.session.bans.size).toBe(0);
      const peer = new ScriptedPeer(machine, n, undefined, HOST);
      expect(peer.isClosed).toBe(false);
      offend(peer);
    }
    expect(torrent.gone.map(({ reason }) => reason)).toEqual(Array(7).fill("bad-message"));
    expect(machine.session.bans.list()).toMatchObject([{ party: HOST, by: "us" }]);
    expect(machine.session.bans.list()[0]?.evidence).toMatch(
      /^trust -7 after it was closed again: have: piece 1000000/,
    );
    expect(new ScriptedPeer(machine, 9, undefined, HOST).isClosed).toBe(true);
  });

  test("is told from its neighbours behind a local address by its id", () => {
    const world = new World(2);
    const machine = world.machine();
    machine.share(content);
    for (let n = 1; n <= 20; n++) offend(new ScriptedPeer(machine, n, undefined, "127.0.0.1"));
    expect(machine.session.bans.size).toBe(0);
    for (let n = 1; n <= 6; n++) offend(new ScriptedPeer(machine, 1, undefined, "127.0.0.1"));
    expect(machine.session.bans.size).toBe(1);
  });
});
