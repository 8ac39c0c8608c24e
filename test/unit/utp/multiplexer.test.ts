import { describe, expect, it } from "vitest";
import { MAX_UNCONFIRMED } from "../../../core/utp/multiplexer.ts";
import { FAR, LoneHost, typeOf } from "./lone-host.ts";
import { packet as packetOf } from "./packets.ts";

describe("the uTP multiplexer", () => {
  it("leaves alone what is not uTP", () => {
    const host = new LoneHost();
    const ping = Uint8Array.from("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", (c) => c.charCodeAt(0));
    expect(host.multiplexer.receive(ping, FAR.host, FAR.port, host.now)).toBe(false);
    expect(host.multiplexer.receive(new Uint8Array(0), FAR.host, FAR.port, host.now)).toBe(false);
  });

  it("answers nobody at port 0, where nothing can be sent to", () => {
    const host = new LoneHost();
    host.hear([{ type: "syn", connectionId: 9, sequence: 1 }], { ...FAR, port: 0 });
    host.hear([{ type: "data", connectionId: 5, sequence: 99 }], { ...FAR, port: 0 });
    expect(host.take()).toEqual([]);
    expect(host.multiplexer.count).toBe(0);
  });

  it("answers a packet of a connection that it doesn't know with a reset, and no reset with one", () => {
    const host = new LoneHost();
    host.hear([{ type: "data", connectionId: 5, sequence: 99 }]);
    expect(host.sent).toMatchObject([{ to: FAR, packet: { type: 3, connectionId: 5, acknowledged: 99 } }]);
    host.take();
    host.hear([{ type: "reset", connectionId: 5, sequence: 99 }]);
    expect(host.take()).toEqual([]);
  });

  it("resets no more than fifty times a second", () => {
    const host = new LoneHost();
    for (let i = 0; i < 1000; i++) host.hear([{ type: "state", connectionId: i }]);
    expect(host.take().length).toBe(50);
    host.now += 1000;
    host.hear([{ type: "state", connectionId: 1 }]);
    expect(host.take().length).toBe(1);
  });

  it("forgets the oldest of those who only knocked, not those who came in", () => {
    const host = new LoneHost();
    host.maxConnections = 10_000;
    const { witness, far } = host.connected();
    for (let id = 0; id < 5000; id++)
      host.hear([{ type: "syn", connectionId: id, sequence: 1 }], { ...FAR, port: 1 + id });
    expect(host.multiplexer.count).toBe(1 + MAX_UNCONFIRMED);
    const answers = host.sent.splice(0);
    expect(answers.length).toBe(5000);
    // The last one who knocked comes in.
    const { to, packet } = answers.at(-1) as (typeof answers)[number];
    const acknowledged = (packet.sequence - 1) & 0xffff;
    host.hear([{ type: "state", connectionId: (packet.connectionId + 1) & 0xffff, sequence: 2, acknowledged }], to);
    expect(host.accepted.length).toBe(1);
    far.data(1);
    expect(witness.bytes).toEqual([1]);
  });

  it("answers no more SYNs, and dials no more, than there may be connections", () => {
    const host = new LoneHost();
    host.maxConnections = 2;
    host.connected();
    host.connected();
    host.take();
    host.hear([{ type: "syn", connectionId: 9, sequence: 1 }]);
    expect(host.take()).toEqual([]);
    expect(host.multiplexer.dial(FAR, { connected() {}, received() {}, closed() {} }, host.now)).toBeUndefined();
    expect(host.multiplexer.count).toBe(2);
  });

  it("gives the place of who only knocked to the next", () => {
    const host = new LoneHost();
    host.maxConnections = 2;
    host.connected();
    for (let id = 0; id < 10; id++) host.hear([{ type: "syn", connectionId: id, sequence: 1 }]);
    expect(host.take().length).toBe(10);
    expect(host.multiplexer.count).toBe(2);
    host.connected();
    expect(host.multiplexer.count).toBe(2);
  });

  it("finds an id for each of very many connections to one address", () => {
    const host = new LoneHost();
    host.maxConnections = 3000;
    const ids = new Set(Array.from({ length: 3000 }, () => host.dial().connection.receiveId));
    expect(ids.size).toBe(3000);
  });

  it("is asked to flush once for all that happens in a turn", () => {
    const host = new LoneHost();
    const { far } = host.connected();
    for (let i = 0; i < 32; i++) {
      const draft = far.draft({ type: "data", sequence: far.next + i, payload: Uint8Array.of(i) });
      host.multiplexer.receive(packetOf(draft), FAR.host, FAR.port, host.now);
    }
    host.flush();
    expect(host.take().map(typeOf)).toEqual(["state"]);
  });
});
