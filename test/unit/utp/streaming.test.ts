import { describe, expect, it } from "vitest";
import { LoneHost, payloadOf, typeOf } from "./lone-host.ts";

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i & 0xff);
}

describe("what arrives", () => {
  it("is handed over in order, whatever order it came in, and once", () => {
    const host = new LoneHost();
    const { witness, far } = host.connected();
    const data = (index: number) =>
      ({ type: "data", sequence: far.next + index, payload: Uint8Array.of(index) }) as const;
    far.say(data(0), data(2), data(2), data(4), data(0));
    expect(witness.bytes).toEqual([0]);
    far.say(data(3), data(1));
    expect(witness.bytes).toEqual([0, 1, 2, 3, 4]);
  });

  it("is acknowledged once for all that came together, with what came before its turn", () => {
    const host = new LoneHost();
    const { far } = host.connected();
    const data = (index: number) =>
      ({ type: "data", sequence: far.next + index, payload: Uint8Array.of(index) }) as const;
    far.say(data(0), data(1), data(3), data(5), data(36));
    const answers = host.take();
    expect(answers.map(typeOf)).toEqual(["state"]);
    const [answer] = answers;
    expect(answer?.acknowledged).toBe(far.next + 1);
    const mask = answer?.bytes.subarray(answer.selectiveStart, answer.selectiveEnd);
    // Bit 0 is the packet after the missing one.
    expect([...(mask ?? [])]).toEqual([0b0000_0101, 0, 0, 0, 0b0000_0010, 0, 0, 0]);
  });

  it("is acknowledged 20 ms later when it comes alone, or along with what we send", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    far.data(1);
    host.wait(19);
    expect(host.take()).toEqual([]);
    host.wait(1);
    expect(host.take()).toMatchObject([{ type: 2, acknowledged: 500 }]);
    far.data(2);
    connection.write(Uint8Array.of(7));
    host.flush();
    expect(host.take()).toMatchObject([{ type: 0, acknowledged: 501 }]);
    host.wait(100);
    expect(host.take()).toEqual([]);
  });

  it("is acknowledged again when it comes again: our acknowledgement may be lost", () => {
    const host = new LoneHost();
    const { witness, far } = host.connected();
    far.data(1);
    host.wait(20);
    host.take();
    far.say({ type: "data", sequence: far.next - 1, payload: Uint8Array.of(1) });
    expect(host.take()).toMatchObject([{ type: 2, acknowledged: far.next - 1 }]);
    expect(witness.bytes).toEqual([1]);
  });

  it("is answered with how long it was under way", () => {
    const host = new LoneHost();
    const { far } = host.connected();
    const payload = Uint8Array.of(1);
    const sentAt = ((host.now - 30) * 1000) % 2 ** 32;
    far.say(
      { type: "data", sequence: far.next, payload, timestamp: sentAt },
      { type: "data", sequence: far.next + 1, payload, timestamp: sentAt },
    );
    expect(host.take()[0]?.difference).toBe(30_000);
  });

  it("is dropped when it is too far ahead to be kept", () => {
    const host = new LoneHost();
    const { far } = host.connected();
    far.say({ type: "data", sequence: far.next + 1024, payload: bytes(10) });
    expect(host.take()).toEqual([]);
    expect(host.multiplexer.context.reordered.used).toBe(0);
  });

  it("can't use more memory for what comes before its turn than there is for all", () => {
    const host = new LoneHost();
    const limit = host.multiplexer.context.reordered.limit;
    host.maxConnections = 200;
    for (let i = 0; i < 40; i++) {
      const { far } = host.connected();
      for (let index = 1; index < 900; index++)
        far.say({ type: "data", sequence: far.next + index, payload: bytes(1160) });
      host.take();
    }
    expect(host.multiplexer.context.reordered.used).toBeLessThanOrEqual(limit);
    host.multiplexer.abandon();
    expect(host.multiplexer.context.reordered.used).toBe(0);
  });
});

describe("what is sent", () => {
  it("goes in full packets, as many as the window has room for", () => {
    const host = new LoneHost();
    const { connection } = host.connected();
    connection.write(bytes(20_000));
    host.flush();
    const packets = host.take();
    // One is longer by padding, to probe the path; its payload is no larger.
    expect(packets.filter((each) => each.bytes.length > 548).map((each) => each.bytes.length)).toEqual([1472]);
    expect(packets.every((each) => payloadOf(each).length === 528)).toBe(true);
    expect(packets.length).toBe(Math.floor(4380 / 528));
    expect(connection.backlog).toBe(20_000 - packets.length * 528);
  });

  it("keeps to the window of the other side", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    far.window = 1200;
    far.say({ type: "state" });
    connection.write(bytes(20_000));
    host.flush();
    expect(host.take().length).toBe(2);
  });

  it("tries a closed window with one packet, again and again while the other side lives", () => {
    const host = new LoneHost();
    const { connection, witness, far } = host.connected();
    far.window = 0;
    far.say({ type: "state" });
    connection.write(bytes(2000));
    host.flush();
    expect(host.take()).toEqual([]);
    host.wait(700);
    expect(host.take().map(typeOf)).toEqual(["data"]);
    for (let i = 0; i < 8; i++) {
      far.say({ type: "state" });
      host.wait(3000);
    }
    expect(witness.ends).toEqual([]);
    expect(new Set(host.take().map(({ sequence }) => sequence)).size).toBe(1);
    far.window = 1 << 20;
    far.say({ type: "state" });
    expect(host.take().map(typeOf)).toEqual(["data"]);
  });

  it("is released as it is put into packets", () => {
    const host = new LoneHost();
    const { connection } = host.connected();
    let released = 0;
    connection.write(bytes(1000), () => released++);
    connection.write(bytes(100_000), () => released++);
    host.flush();
    expect(released).toBe(1);
    connection.end(0, true, host.now);
    expect(released).toBe(2);
    connection.write(bytes(10), () => released++);
    expect(released).toBe(3);
  });

  it("is sent again at once when three later packets arrived", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.write(bytes(5 * 528));
    host.flush();
    const [first] = host.take();
    far.say({ type: "state", mask: [0b0000_0111, 0, 0, 0] });
    const again = host.take();
    expect(again.map(({ sequence }) => sequence)).toEqual([first?.sequence]);
    expect(again[0] && payloadOf(again[0])).toEqual(first && payloadOf(first));
  });

  it("is sent again after three acknowledgements of the same by a side that masks nothing", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.write(bytes(5 * 528));
    host.flush();
    const [first] = host.take();
    far.say({ type: "state" }, { type: "state" });
    expect(host.take()).toEqual([]);
    far.say({ type: "state" });
    expect(host.take().map(({ sequence }) => sequence)).toEqual([first?.sequence]);
  });

  it("goes without its padding when the probe was lost", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.write(bytes(20_000));
    host.flush();
    const [probe] = host.take();
    expect(probe?.bytes.length).toBe(1472);
    const window = connection.window;
    far.say({ type: "state", mask: [0b0000_0111, 0, 0, 0] });
    const again = host.take().find(({ sequence }) => sequence === probe?.sequence);
    expect(again?.bytes.length).toBe(548);
    expect(again && payloadOf(again)).toEqual(probe && payloadOf(probe));
    // That a probe is lost says nothing of congestion.
    expect(connection.window).toBeGreaterThanOrEqual(window);
  });

  it("halves the window once a round trip, however many are lost", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.write(bytes(200_000));
    for (let i = 0; i < 4; i++) {
      host.flush();
      const last = host.take().at(-1);
      host.now += 50;
      if (last !== undefined) far.acknowledge(last);
    }
    const before = connection.window;
    host.take();
    far.say({ type: "state", mask: [0b1110_0000, 0, 0, 0] });
    const after = connection.window;
    expect(after / before).toBeCloseTo(0.5, 1);
    far.say({ type: "state", mask: [0b1110_0000, 0b1110_0000, 0, 0] });
    expect(connection.window).toBeGreaterThanOrEqual(after);
  });

  it("is sent again with longer and longer waits when nothing comes back, until that is the end", () => {
    const host = new LoneHost();
    const { connection, witness, far } = host.connected();
    connection.write(bytes(100));
    host.flush();
    const at: number[] = [];
    const begin = host.now;
    while (witness.ends.length === 0) {
      if (host.take().length > 0) at.push(host.now - begin);
      host.wait(100);
    }
    expect(far.next).toBe(500);
    expect(at).toEqual([0, 500, 1500, 3500, 7500, 15_500]);
    expect(witness.ends).toEqual([{ kind: "silent", tries: 6, wasConnected: true }]);
  });

  it("keeps a router's mapping alive", () => {
    const host = new LoneHost();
    host.connected();
    host.wait(28_000);
    expect(host.take()).toEqual([]);
    host.wait(60_000);
    expect(host.take().map(typeOf)).toEqual(["state", "state", "state"]);
  });

  it("takes no acknowledgement of what was not sent", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.write(bytes(100));
    host.flush();
    const [data] = host.take();
    far.acknowledged = ((data?.sequence ?? 0) + 1) & 0xffff;
    far.say({ type: "data", payload: bytes(3) });
    host.wait(600);
    // Not believed, not acknowledged: it is still on its way.
    expect(host.take().map(({ sequence }) => sequence)).toEqual([data?.sequence]);
  });
});

describe("the end of a uTP connection", () => {
  it("comes after everything that was written, with the reason", () => {
    const host = new LoneHost();
    const { connection, witness, far } = host.connected();
    connection.write(bytes(1000));
    connection.end(6, false, host.now);
    host.flush();
    const packets = host.take();
    expect(packets.map(typeOf)).toEqual(["data", "data", "fin"]);
    expect(packets.at(-1)?.closeReason).toBe(6);
    far.acknowledge(packets.at(-1) as NonNullable<(typeof packets)[number]>);
    expect([host.multiplexer.count, witness.ends]).toEqual([0, []]);
  });

  it("drops what is not sent yet when it is abrupt", () => {
    const host = new LoneHost();
    const { connection } = host.connected();
    connection.write(bytes(100_000));
    connection.end(0, true, host.now);
    host.flush();
    expect(host.take().map(typeOf)).toEqual(["fin"]);
  });

  it("is not waited for longer than five seconds when nothing is acknowledged", () => {
    const host = new LoneHost();
    const { connection } = host.connected();
    connection.write(bytes(100_000));
    connection.end(0, false, host.now);
    host.flush();
    host.wait(5000);
    expect(host.multiplexer.count).toBe(0);
  });

  it("is told when the other side has gone, after all that it sent, and answered in kind", () => {
    const host = new LoneHost();
    const { witness, far } = host.connected();
    far.say({ type: "fin", sequence: far.next + 1, closeReason: 257 });
    expect(witness.ends).toEqual([]);
    far.say({ type: "data", sequence: far.next, payload: Uint8Array.of(5) });
    expect(witness).toMatchObject({ bytes: [5], ends: [{ kind: "finished", closeReason: 257 }] });
    const answers = host.take();
    expect(answers.map(typeOf)).toContain("fin");
    expect(answers.at(-1)?.acknowledged).toBe(far.next + 1);
    far.acknowledge(answers.find((each) => typeOf(each) === "fin") as NonNullable<(typeof answers)[number]>);
    expect(host.multiplexer.count).toBe(0);
  });

  it("acknowledges the other side's with the number of our own, and with the next: each is the only one to some", () => {
    const host = new LoneHost();
    const { connection, far } = host.connected();
    connection.end(0, false, host.now);
    host.flush();
    const [fin] = host.take();
    far.say({ type: "fin" });
    const next = ((fin?.sequence ?? 0) + 1) & 0xffff;
    expect(host.take()).toMatchObject([
      { type: 2, sequence: next, acknowledged: far.next },
      { type: 2, sequence: fin?.sequence, acknowledged: far.next },
    ]);
  });

  it("may bring the last bytes with it", () => {
    const host = new LoneHost();
    const { witness, far } = host.connected();
    far.say({ type: "fin", payload: Uint8Array.of(1, 2) });
    expect(witness).toMatchObject({ bytes: [1, 2], ends: [{ kind: "finished" }] });
  });

  it("is not believed of a FIN that is older than what has arrived", () => {
    const host = new LoneHost();
    const { witness, far } = host.connected();
    far.data(1);
    far.data(2);
    far.say({ type: "fin", sequence: far.next - 2 });
    far.data(3);
    expect(witness).toMatchObject({ bytes: [1, 2, 3], ends: [] });
  });

  it("is at once when the other side resets it, with its reason, by either id", () => {
    for (const id of ["receiveId", "sendId"] as const) {
      const host = new LoneHost();
      const { connection, witness, far } = host.connected();
      far.say({ type: "reset", connectionId: connection[id], closeReason: 10 });
      expect(witness.ends).toEqual([{ kind: "reset", closeReason: 10, wasConnected: true }]);
      expect(host.multiplexer.count).toBe(0);
    }
  });

  it("hands over nothing more once we have gone, though the other side goes on", () => {
    const host = new LoneHost();
    const { connection, witness, far } = host.connected();
    witness.onReceived = () => connection.end(0, false, host.now);
    far.data(1);
    far.data(2);
    expect(witness.bytes).toEqual([1]);
    expect(host.take().map(typeOf)).toContain("fin");
  });
});

describe("an address that dials itself", () => {
  it("gets two connections that talk to each other", () => {
    const host = new LoneHost();
    const self = { host: "192.0.2.1", port: 9 };
    const { connection, witness } = host.dial(self);
    for (let i = 0; i < 10; i++) {
      if (i === 4) connection.write(Uint8Array.of(1, 2, 3));
      for (const { packet } of host.sent.splice(0))
        host.multiplexer.receive(packet.bytes, self.host, self.port, host.now);
      host.flush();
      host.wait(20);
    }
    expect(witness.isConnected).toBe(true);
    expect(host.accepted.map((each) => each.witness.bytes)).toEqual([[1, 2, 3]]);
  });
});
