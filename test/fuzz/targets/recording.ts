import { encode } from "@msgpack/msgpack";
import {
  encodeFrame,
  FRAME_HEADER,
  type FrameBodies,
  type FrameKind,
  RECORDING_MAGIC,
} from "../../../core/contract/recording/frames.ts";
import { pcapng } from "../../../core/contract/recording/pcapng.ts";
import { openRecording } from "../../../core/contract/recording/recording.ts";
import { concatBytes } from "../../../core/model/bytes.ts";
import { crc32c } from "../../../core/model/crc32c.ts";
import { type Random, randomBelow, randomBytes } from "../../../core/model/random.ts";
import { mutate } from "../mutate.ts";
import { claim, pick, type Target } from "../target.ts";

const AT = 1_700_000_000_000;
const TORRENT = "ab".repeat(20);

const BODIES: FrameBodies = {
  head: { version: "0.1.0", torrent: TORRENT, name: "Some", infoHash: new Uint8Array(20) },
  state: {
    update: { kind: "update", at: AT, torrents: [{ id: TORRENT, set: { name: "Some" } }] },
    lives: [],
    details: [],
  },
  change: { update: { kind: "update", at: AT, details: [{ torrent: TORRENT, trackers: [] }] } },
  stream: {
    ...{ peer: 7, host: "203.0.113.9", port: 6881, direction: "incoming", transport: "utp", openedAt: AT },
    ...{ theirs: new Uint8Array(68), ours: new Uint8Array(68) },
  },
  wire: [
    [7, 0, AT, Uint8Array.of(0, 0, 0, 1, 1), 0],
    [7, 1, AT, Uint8Array.of(0, 0, 0x40, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0), 0x4000],
  ],
  marks: [{ kind: "came", at: AT, peer: 7, text: "203.0.113.9:6881" }],
  end: {},
};

/** A frame whose checksum holds, whatever is in it. */
function sealed(random: Random, frame: Uint8Array): Uint8Array {
  const header = frame.slice(0, FRAME_HEADER);
  const body = mutate(random, randomBelow(random, 3) === 0 ? encode(oddity(random)) : frame.subarray(FRAME_HEADER));
  const whole = concatBytes(header, body);
  const view = new DataView(whole.buffer);
  view.setUint32(0, body.length);
  view.setUint32(4, crc32c(whole.subarray(8)));
  return whole;
}

function oddity(random: Random): unknown {
  return pick(random, [null, 7, "text", [], {}, [[7, 0, AT, new Uint8Array(5), 2 ** 50]], { host: "::ffff:1.2.3.4" }]);
}

/** Recordings are given to others: one opens as far as it is sound, or says why not, and its captures are bounded. */
export const recording: Target = {
  name: "recording",
  share: 8,
  meets: ["whole", "broken", "no-recording", "damaged", "damaged-inside"],
  make(random) {
    const kinds: FrameKind[] = ["head", "state"];
    for (let more = randomBelow(random, 5); more > 0; more--)
      kinds.push(pick(random, Object.keys(BODIES) as FrameKind[]));
    kinds.push("end");
    const spoilt = randomBelow(random, 2) === 0 ? randomBelow(random, kinds.length) : -1;
    const frames = kinds.map((kind, place) => {
      const frame = encodeFrame(kind, AT + place, BODIES[kind]);
      return place === spoilt ? sealed(random, frame) : frame;
    });
    return concatBytes(randomBelow(random, 20) === 0 ? randomBytes(random, 16) : RECORDING_MAGIC, ...frames);
  },
  judge(input) {
    const opened = openRecording(input);
    if (typeof opened === "string") {
      claim(opened.startsWith("It is "), opened);
      return opened.includes("damaged") ? "damaged" : "no-recording";
    }
    claim(opened.start <= opened.end || opened.stepCount > 0, "it ends before it begins");
    try {
      for (let step = 0; step < opened.stepCount; step++) {
        claim(opened.keyBefore(step) <= step, "the keyframe is later");
        opened.step(step);
      }
      let written = 0;
      for (const stream of opened.streams) {
        for (const part of pcapng(stream, opened.wire(stream.peer), opened.head.version)) written += part.length;
      }
      claim(written <= 1000 + (opened.streams.length + 1) * (4000 + 20 * input.length), `${written} bytes of capture`);
    } catch (error) {
      if (error instanceof Error && !error.message.includes("capture") && !error.message.includes("keyframe")) {
        return "damaged-inside";
      }
      throw error;
    }
    return opened.isWhole ? "whole" : "broken";
  },
};
