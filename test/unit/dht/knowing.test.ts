import { describe, expect, test } from "vitest";
import { idForHost } from "../../../core/dht/node-id.ts";
import { decodeDhtState, encodeDhtState } from "../../../core/dht/state.ts";
import { toHex } from "../../../core/model/bytes.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { LoneDht, name } from "./lone-dht.ts";

const NODE = { host: "80.10.20.30", port: 6881 };
const ours = (lone: LoneDht) => Uint8Array.from(Buffer.from(lone.view.families[0]?.id ?? "", "hex"));

describe("the nodes that we know", () => {
  test("a node is entered when it has answered, not when it asked or was named", () => {
    const lone = new LoneDht();
    lone.ask(NODE, { method: "ping" }, name(1));
    lone.dht.addNode({ host: "80.10.99.30", port: 1 });
    expect(lone.view.families[0]?.nodes).toBe(0);
    lone.meet(NODE, name(1));
    expect(lone.view.families[0]?.nodes).toBe(1);
  });

  test("an answer from elsewhere, or to nothing we asked, enters nobody", () => {
    const lone = new LoneDht();
    lone.dht.addNode(NODE);
    const query = lone.nextTo(NODE);
    lone.answer({ ...query, to: { host: "80.10.20.31", port: 6881 } }, name(1));
    lone.answer({ ...query, to: { host: "80.10.20.30", port: 6882 } }, name(1));
    lone.answer({ ...query, message: { ...query.message, transaction: Uint8Array.of(1, 2) } }, name(1));
    expect(lone.view.families[0]?.nodes).toBe(0);
    lone.answer(query, name(1));
    expect(lone.view.families[0]?.nodes).toBe(1);
    lone.answer(query, name(2));
    expect(lone.view.families[0]?.nodes).toBe(1);
  });

  test("who says that it answers nobody is not asked (BEP 43)", () => {
    const lone = new LoneDht();
    lone.ask(NODE, { method: "ping" }, name(1), { isReadOnly: true });
    lone.wait(20_000);
    expect(lone.taken().filter(({ to }) => to.host === NODE.host)).toEqual([]);
    lone.ask(NODE, { method: "ping" }, name(1));
    lone.wait(20_000);
    expect(lone.taken().filter(({ to }) => to.host === NODE.host)).not.toEqual([]);
  });

  test("a node that no longer answers goes in time, and no address has two places", () => {
    const lone = new LoneDht();
    lone.meet(NODE, name(1));
    lone.meet({ ...NODE, port: 7000 }, name(2));
    expect(lone.view.families[0]?.nodes).toBe(1);
    lone.wait(2 * 60 * 60_000);
    expect(lone.view.families[0]?.nodes).toBe(0);
  });

  test("a node that answers by another name is known by that alone", () => {
    const lone = new LoneDht();
    lone.meet(NODE, name(1));
    lone.answer(lone.nextTo(NODE), name(0xf0));
    expect(lone.dht.save().ipv4?.nodes).toEqual([NODE]);
    expect(lone.view.families[0]?.nodes).toBe(1);
  });

  test("places to begin at are asked until nodes are known, and routers are no nodes", () => {
    const lone = new LoneDht();
    lone.dht.addStart(NODE, false);
    lone.wait(60_000);
    const asked = lone.taken().filter(({ to }) => to.host === NODE.host);
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(10);
    const query = lone.nextTo(NODE);
    expect(query.message).toMatchObject({ question: { method: "find_node", target: ours(lone) } });
    lone.answer(query, name(1), { nodes: [{ id: name(9), host: "90.1.1.1", port: 5 }] });
    expect(lone.view.families[0]?.nodes).toBe(0);
    lone.wait(1000);
    expect(lone.taken().map(({ to }) => to.host)).toContain("90.1.1.1");
  });

  test("what a run knew is where the next begins", () => {
    const lone = new LoneDht(["ipv4", "ipv6"]);
    lone.meet(NODE, name(1));
    lone.meet({ host: "2a00:1:2:3::1", port: 2 }, name(2));
    const state = decodeDhtState(encodeDhtState(lone.dht.save()));
    expect(state).toEqual(lone.dht.save());
    const next = new LoneDht(["ipv4", "ipv6"], state, 2);
    expect(next.view.families.map(({ id }) => id)).toEqual(lone.view.families.map(({ id }) => id));
    next.wait(1000);
    expect(next.taken().map(({ to }) => to.host)).toEqual(expect.arrayContaining([NODE.host, "2a00:1:2:3::1"]));
  });

  test("a state that is no state is none", () => {
    expect(decodeDhtState(Uint8Array.of(1, 2, 3))).toEqual({});
    expect(decodeDhtState(new TextEncoder().encode("d4:ipv4d2:id3:abc5:nodes0:ee"))).toEqual({});
  });
});

describe("our own address", () => {
  const OUR_HOST = "124.31.75.21";
  const vote = (lone: LoneDht, i: number, host = OUR_HOST, network = i) =>
    lone.meet({ host: `90.${network}.2.${i}`, port: 1 }, idForHost(`90.${network}.2.${i}`, seededRandom(i)), {
      host,
      port: 5,
    });

  test("our id is bound to it once enough networks name it (BEP 42), and the nodes we know stay", () => {
    const lone = new LoneDht();
    const before = lone.view.families[0]?.id;
    for (let i = 1; i <= 5; i++) vote(lone, i);
    expect(lone.view.families[0]).toMatchObject({ id: before, isProper: false });
    vote(lone, 6);
    expect(lone.view.families[0]?.id).not.toBe(before);
    expect(lone.view.families[0]).toMatchObject({ address: OUR_HOST, isProper: true, nodes: 6 });
    const settled = lone.view.families[0]?.id;
    for (let i = 7; i <= 12; i++) vote(lone, i);
    expect(lone.view.families[0]?.id).toBe(settled);
  });

  test("many of one network have one vote", () => {
    const lone = new LoneDht();
    for (let i = 1; i <= 12; i++) vote(lone, i, OUR_HOST, 7);
    expect(lone.view.families[0]?.votes).toEqual([{ address: OUR_HOST, votes: 1 }]);
    expect(lone.view.families[0]?.isProper).toBe(false);
  });

  test("a few liars change nothing, and an address that changed is found", () => {
    const lone = new LoneDht();
    for (let i = 1; i <= 20; i++) vote(lone, i, i % 4 === 0 ? "9.9.9.9" : OUR_HOST);
    expect(lone.view.families[0]?.address).toBe(OUR_HOST);
    const before = lone.view.families[0]?.id;
    for (let i = 21; i <= 60; i++) vote(lone, i, "99.88.77.66");
    expect(lone.view.families[0]).toMatchObject({ address: "99.88.77.66", isProper: true });
    expect(lone.view.families[0]?.id).not.toBe(before);
  });

  test("an address of a local network is nobody's, and changes nothing", () => {
    const lone = new LoneDht();
    for (let i = 1; i <= 12; i++) vote(lone, i, "192.168.1.5");
    expect(lone.view.families[0]?.votes).toEqual([]);
  });
});

describe("whether others can reach us (BEP 43)", () => {
  const saysReadOnly = (lone: LoneDht): boolean => {
    lone.dht.addNode({ host: `91.${Math.floor(lone.now / 1000) % 250}.1.1`, port: 1 });
    lone.taken();
    lone.wait(1000);
    const query = lone.taken().find(({ to }) => to.host.startsWith("91."));
    return query?.message.kind === "query" && query.message.isReadOnly;
  };

  test("we say that we can't be when nobody has come for ten minutes, and try again after an hour", () => {
    const lone = new LoneDht();
    expect(saysReadOnly(lone)).toBe(false);
    lone.wait(11 * 60_000);
    expect(saysReadOnly(lone)).toBe(true);
    expect(lone.view.families[0]?.isReadOnly).toBe(true);
    lone.wait(51 * 60_000);
    expect(saysReadOnly(lone)).toBe(false);
  });

  test("one stranger who comes proves the contrary; who was asked proves nothing", () => {
    const lone = new LoneDht();
    lone.wait(10 * 60_000);
    lone.meet(NODE, name(1));
    lone.ask(NODE, { method: "ping" }, name(1));
    expect(saysReadOnly(lone)).toBe(true);
    lone.ask({ host: "80.77.20.30", port: 6881 }, { method: "ping" }, name(3));
    expect(saysReadOnly(lone)).toBe(false);
  });
});

test("ids are shown as hexadecimal digits, and buckets with what they hold", () => {
  const lone = new LoneDht();
  const far = ours(lone).map((value, at) => (at === 0 ? value ^ 0x80 : value));
  lone.meet({ host: "10.0.0.1", port: 1 }, far);
  expect(lone.view.families[0]?.id).toBe(toHex(ours(lone)));
  expect(lone.view.families[0]?.buckets).toEqual([{ sharedBits: 0, nodes: 1, proper: 1, silent: 0, spare: 0 }]);
});
