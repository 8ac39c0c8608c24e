import { describe, expect, it } from "vitest";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { FAR, LoneHost } from "../../unit/utp/lone-host.ts";
import { packet } from "../../unit/utp/packets.ts";
import { mutate, seedOfRun } from "../mutate.ts";

const SEED = seedOfRun();
const PACKETS = 15_000;
const TYPES = ["data", "fin", "state", "reset", "syn"] as const;

/** A packet that is nearly right for a connection with these ids and numbers. */
function nearlyRight(random: Random, connectionId: number, sequence: number, acknowledged: number): Uint8Array {
  const near = (value: number): number => {
    const far = randomBelow(random, 8) === 0 ? 40_000 : 6;
    return (value + randomBelow(random, far) - (far >> 1)) & 0xffff;
  };
  const bytes = packet({
    type: TYPES[randomBelow(random, randomBelow(random, 30) === 0 ? 5 : 3)] as (typeof TYPES)[number],
    connectionId: randomBelow(random, 10) === 0 ? near(connectionId) : connectionId,
    timestamp: random.uint32(),
    difference: random.uint32() >>> randomBelow(random, 32),
    window: random.uint32() >>> randomBelow(random, 32),
    sequence: near(sequence),
    acknowledged: near(acknowledged),
    ...(randomBelow(random, 2) === 0 ? { mask: [...randomBytes(random, randomBelow(random, 40))] } : {}),
    ...(randomBelow(random, 5) === 0 ? { closeReason: randomBelow(random, 300) } : {}),
    payload: randomBytes(random, randomBelow(random, 60)),
  });
  return randomBelow(random, 3) === 0 ? mutate(random, bytes) : bytes;
}

describe("hostile datagrams", () => {
  it.for([SEED, SEED + 1, SEED + 2, SEED + 3])(
    "never break the multiplexer, nor make it keep or send more than it may (seed %i)",
    (seed) => {
      const random = seededRandom(seed);
      const host = new LoneHost();
      host.maxConnections = 50;
      let { connection, far } = host.connected();
      let sent = 0;
      for (let i = 0; i < PACKETS; i++) {
        if (connection.state === "closed") ({ connection, far } = host.connected());
        if (randomBelow(random, 10) === 0) connection.write(randomBytes(random, randomBelow(random, 3000)));
        if (randomBelow(random, 500) === 0)
          connection.end(randomBelow(random, 300), randomBelow(random, 2) === 0, host.now);
        const last = host.sent.at(-1)?.packet;
        if (last !== undefined && last.type === 0 && randomBelow(random, 2) === 0) far.acknowledged = last.sequence;
        const datagram = nearlyRight(random, connection.receiveId, far.next, far.acknowledged);
        if (datagram[0] === 0x01 && randomBelow(random, 2) === 0) far.next = (far.next + 1) & 0xffff;
        host.multiplexer.receive(datagram, FAR.host, FAR.port, host.now);
        if (randomBelow(random, 3) === 0) host.flush();
        if (randomBelow(random, 20) === 0) host.wait(randomBelow(random, 700));
        sent += host.sent.length;
        if (host.sent.length > 100) host.sent.splice(0);
      }
      expect(host.multiplexer.count).toBeLessThanOrEqual(50);
      const { reordered } = host.multiplexer.context;
      expect(reordered.used).toBeLessThanOrEqual(reordered.limit);
      expect(sent).toBeGreaterThan(100);
      host.multiplexer.abandon();
      expect(reordered.used).toBe(0);
    },
  );
});
