import { describe, expect, it } from "vitest";
import { FAR, LoneHost, payloadOf, typeOf } from "./lone-host.ts";

describe("a uTP connection that we dial", () => {
  it("begins with a SYN that has the id of packets to us; ours have the next one", () => {
    const host = new LoneHost();
    const { connection, witness } = host.dial();
    const [syn] = host.take();
    expect(syn && typeOf(syn)).toBe("syn");
    expect(syn?.connectionId).toBe(connection.receiveId);
    const sequence = syn?.sequence ?? 0;
    host.hear([{ type: "state", connectionId: connection.receiveId, sequence: 900, acknowledged: sequence }]);
    expect(witness.isConnected).toBe(true);
    connection.write(Uint8Array.of(1, 2));
    host.flush();
    const [data] = host.take();
    // The other side's answer has the number of its first data to come.
    expect(data).toMatchObject({
      connectionId: connection.sendId,
      sequence: (sequence + 1) & 0xffff,
      acknowledged: 899,
    });
    expect(connection.sendId).toBe((connection.receiveId + 1) & 0xffff);
    expect(data && payloadOf(data)).toEqual([1, 2]);
  });

  it("keeps what is written until the other side has answered", () => {
    const host = new LoneHost();
    const { connection } = host.dial();
    connection.write(Uint8Array.of(1));
    host.flush();
    host.wait(500);
    expect(host.take().map(typeOf)).toEqual(["syn"]);
  });

  it("asks three times within three seconds, and gives up", () => {
    const host = new LoneHost();
    const { witness } = host.dial();
    host.wait(2999);
    expect(host.take().map(typeOf)).toEqual(["syn", "syn", "syn"]);
    expect(witness.ends).toEqual([]);
    host.wait(1);
    expect(witness.ends).toEqual([{ kind: "silent", tries: 3, wasConnected: false }]);
    expect(host.multiplexer.count).toBe(0);
    host.wait(60_000);
    expect(host.take()).toEqual([]);
  });

  it("is refused by a reset that names its SYN, and by no other", () => {
    const host = new LoneHost();
    const { connection, witness } = host.dial();
    const [syn] = host.take();
    const sequence = syn?.sequence ?? 0;
    host.hear([{ type: "reset", connectionId: connection.receiveId, acknowledged: (sequence + 30_000) & 0xffff }]);
    expect(witness.ends).toEqual([]);
    host.hear([{ type: "reset", connectionId: connection.receiveId, acknowledged: sequence }]);
    expect(witness.ends).toEqual([{ kind: "reset", closeReason: undefined, wasConnected: false }]);
  });

  it("takes no answer to what it did not ask", () => {
    const host = new LoneHost();
    const { connection, witness } = host.dial();
    const [syn] = host.take();
    const sequence = syn?.sequence ?? 0;
    host.hear([{ type: "state", connectionId: connection.receiveId, acknowledged: (sequence - 1) & 0xffff }]);
    host.hear([{ type: "data", connectionId: connection.receiveId, acknowledged: sequence }]);
    expect(witness.isConnected).toBe(false);
  });

  it("says nothing more, and reports nothing, once it was given up", () => {
    const host = new LoneHost();
    const { connection, witness } = host.dial();
    host.take();
    connection.end(0, true, host.now);
    host.flush();
    host.wait(10_000);
    expect([host.take(), witness.ends, host.multiplexer.count]).toEqual([[], [], 0]);
  });
});

describe("a uTP connection that somebody else dials", () => {
  const syn = { type: "syn", connectionId: 77, sequence: 42 } as const;

  it("is answered, and told of when the other side has shown that it got the answer", () => {
    const host = new LoneHost();
    host.hear([syn]);
    const [answer] = host.take();
    expect(answer).toMatchObject({ type: 2, connectionId: 77, acknowledged: 42 });
    expect(host.accepted).toEqual([]);
    const acknowledged = ((answer?.sequence ?? 0) - 1) & 0xffff;
    host.hear([{ type: "data", connectionId: 78, sequence: 43, acknowledged, payload: Uint8Array.of(9) }]);
    expect(host.accepted.map(({ witness }) => witness.bytes)).toEqual([[9]]);
    host.accepted[0]?.connection.write(Uint8Array.of(1));
    host.flush();
    // The first data has the number that the answer announced.
    expect(host.take()).toMatchObject([{ type: 0, connectionId: 77, sequence: answer?.sequence, acknowledged: 43 }]);
  });

  it("is answered again when the SYN comes again", () => {
    const host = new LoneHost();
    host.hear([syn]);
    host.hear([syn]);
    const [first, second] = host.take();
    expect(second).toMatchObject({ type: 2, sequence: first?.sequence });
    expect(host.multiplexer.count).toBe(1);
  });

  it("gets nothing but answers to its SYNs until it has shown that it hears them", () => {
    const host = new LoneHost();
    host.hear([syn]);
    const [answer] = host.take();
    const wrong = ((answer?.sequence ?? 0) + 5) & 0xffff;
    for (const type of ["data", "state", "fin"] as const) {
      host.hear([{ type, connectionId: 78, sequence: 43, acknowledged: wrong, payload: new Uint8Array(500) }]);
    }
    host.wait(9_000);
    expect([host.take(), host.accepted]).toEqual([[], []]);
    host.wait(1_000);
    expect(host.multiplexer.count).toBe(0);
  });

  it("is known by its address as well as by its id", () => {
    const host = new LoneHost();
    const others = [FAR, { ...FAR, port: 4001 }, { ...FAR, host: "192.0.2.8" }];
    for (const other of others) host.hear([syn], other);
    expect(host.multiplexer.count).toBe(3);
    expect(host.sent.map(({ to }) => to)).toEqual(others);
  });
});
