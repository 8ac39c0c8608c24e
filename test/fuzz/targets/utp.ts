import { concatBytes } from "../../../core/model/bytes.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { PACKET, PacketReader } from "../../../core/utp/packet.ts";
import { FAR, LoneHost } from "../../unit/utp/lone-host.ts";
import { packet } from "../../unit/utp/packets.ts";
import { claim, pick, type Target } from "../target.ts";
import { readScript, scriptEntry } from "./script.ts";

const TYPES = Object.keys(PACKET) as (keyof typeof PACKET)[];
const USUAL = ["data", "fin", "state"] as const;
const MOST_CONNECTIONS = 50;
/** A connection is the same in every lone host. */
const FRESH = (() => {
  const { connection, far } = new LoneHost().connected();
  return { connectionId: connection.receiveId, sequence: far.next, acknowledged: far.acknowledged };
})();

/** A packet that is nearly right for a connection with these ids and numbers. */
function nearlyRight(random: Random, sequence: number, acknowledged: number): Uint8Array {
  const near = (value: number): number => {
    const far = randomBelow(random, 8) === 0 ? 40_000 : 6;
    return (value + randomBelow(random, far) - (far >> 1)) & 0xffff;
  };
  return packet({
    type: pick(random, randomBelow(random, 30) === 0 ? TYPES : USUAL),
    connectionId: randomBelow(random, 10) === 0 ? near(FRESH.connectionId) : FRESH.connectionId,
    timestamp: random.uint32(),
    difference: random.uint32() >>> randomBelow(random, 32),
    window: random.uint32() >>> randomBelow(random, 32),
    sequence: randomBelow(random, 2) === 0 ? sequence & 0xffff : near(sequence),
    acknowledged: near(acknowledged),
    ...(randomBelow(random, 2) === 0 ? { mask: [...randomBytes(random, randomBelow(random, 40))] } : {}),
    ...(randomBelow(random, 5) === 0 ? { closeReason: randomBelow(random, 300) } : {}),
    ...(randomBelow(random, 9) === 0 ? { padding: 2 + randomBelow(random, 300) } : {}),
    payload: randomBytes(random, randomBelow(random, 60)),
  });
}

/** Everything that a packet points at lies within it. */
export const utpPacket: Target = {
  name: "utp-packet",
  share: 70,
  meets: ["packet", "none"],
  make: (random) => nearlyRight(random, random.uint32(), random.uint32()),
  judge(input) {
    const reader = new PacketReader();
    if (!reader.read(input)) return "none";
    const { payloadStart, payloadLength, selectiveStart, selectiveEnd, closeReason = 0 } = reader;
    claim(payloadStart >= 20 && payloadLength >= 0, () => `payload from ${payloadStart} of ${input.length} bytes`);
    claim(selectiveStart <= selectiveEnd, () => `mask from ${selectiveStart} to ${selectiveEnd}`);
    claim(selectiveEnd <= payloadStart, () => `mask to ${selectiveEnd}, payload from ${payloadStart}`);
    claim(closeReason <= 0xffff, () => `close reason ${closeReason}`);
    return "packet";
  },
};

const DO = { hear: 0, write: 1, end: 2, wait: 3, flush: 4 } as const;

/** A script of packets to one connection and what goes on beside them: nothing is kept or sent beyond what may be. */
export const utpConnection: Target = {
  name: "utp-connection",
  share: 20,
  meets: ["connected", "closed"],
  make(random) {
    const entries: Uint8Array[] = [];
    let { sequence, acknowledged } = FRESH;
    for (let turns = 1 + randomBelow(random, 40); turns > 0; turns--) {
      const deed = randomBelow(random, 12);
      if (deed === 0) entries.push(scriptEntry(DO.write, randomBelow(random, 256)));
      else if (deed === 1) entries.push(scriptEntry(DO.wait, randomBelow(random, 256)));
      else if (deed === 2) entries.push(scriptEntry(DO.flush, 0));
      else if (randomBelow(random, 60) === 0) entries.push(scriptEntry(DO.end, randomBelow(random, 256)));
      else {
        const datagram = nearlyRight(random, sequence, acknowledged);
        if (datagram[0] === 0x01) sequence++;
        if (randomBelow(random, 3) === 0) acknowledged++;
        entries.push(scriptEntry(DO.hear, randomBelow(random, 3), datagram));
      }
    }
    return concatBytes(...entries);
  },
  judge(input) {
    const host = new LoneHost();
    host.maxConnections = MOST_CONNECTIONS;
    const { connection, witness } = host.connected();
    for (const { deed, argument, bytes } of readScript(input, 5)) {
      if (deed === DO.hear) {
        host.multiplexer.receive(bytes, FAR.host, FAR.port, host.now);
        if (argument === 0) host.flush();
      } else if (deed === DO.write) {
        if (connection.state !== "closed") connection.write(new Uint8Array(argument * 12));
      } else if (deed === DO.end) connection.end(argument, argument % 2 === 0, host.now);
      else if (deed === DO.wait) host.wait(argument * 30);
      else host.flush();
    }
    const { reordered } = host.multiplexer.context;
    claim(host.multiplexer.count <= MOST_CONNECTIONS, () => `${host.multiplexer.count} connections`);
    claim(reordered.used <= reordered.limit, () => `${reordered.used} bytes are kept, at most ${reordered.limit}`);
    claim(witness.ends.length <= 1, () => `it ended ${witness.ends.length} times`);
    claim(witness.bytes.length <= input.length, () => `${witness.bytes.length} bytes came of ${input.length}`);
    const outcome = connection.state;
    host.multiplexer.abandon();
    claim(reordered.used === 0, () => `${reordered.used} bytes are kept for nobody`);
    return outcome;
  },
};
