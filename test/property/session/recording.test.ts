import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeFrame,
  type FrameBodies,
  type FrameKind,
  RECORDING_MAGIC,
} from "../../../core/contract/recording/frames.ts";
import { openRecording, type Recording } from "../../../core/contract/recording/recording.ts";
import type { SessionView } from "../../../core/contract/views.ts";
import { concatBytes, readUint32 } from "../../../core/model/bytes.ts";
import { TorrentRecording } from "../../../core/session/recording.ts";
import { ToldLife } from "../../../core/session/watch/life.ts";
import { Watcher } from "../../../core/session/watcher.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, type EngineState } from "../../../renderer/store/engine-state.ts";
import { applyLife, type PeerLife } from "../../../renderer/store/peer-life.ts";
import { RecordingPlayer } from "../../../renderer/store/recording-player.ts";
import { makeContent } from "../../sim/support/content.ts";
import { type Machine, World } from "../../sim/support/world.ts";

const content = makeContent([900_000, 1, 90_000], 32 * 1024, { trackers: ["http://tracker.test/announce"] });

const sessionView = (machine: Machine): SessionView => ({
  version: "0",
  downRate: machine.torrent.down.rate,
  upRate: 0,
  connections: machine.session.connections,
  settings: machine.session.settings,
  mapping: { state: "off", words: "" },
  notices: [],
  bans: machine.session.bans.size,
  banChanges: machine.session.bans.changes,
  refused: [...machine.session.refused],
});

/** A file in memory. */
class MemoryFile {
  readonly #parts: Uint8Array[] = [RECORDING_MAGIC];

  take<K extends FrameKind>(kind: K, at: number, body: FrameBodies[K]): void {
    this.#parts.push(encodeFrame(kind, at, body));
  }

  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  content(): Uint8Array {
    return concatBytes(...this.#parts);
  }
}

function opened(bytes: Uint8Array): Recording {
  const recording = openRecording(bytes);
  if (typeof recording === "string") throw new Error(recording);
  return recording;
}

/** Two states that were told alike look alike; `recording` is what only the living know. */
const plain = ({ session, torrents, details }: EngineState): unknown => ({
  session,
  torrents: new Map([...torrents].map(([id, { recording: _, ...view }]) => [id, view])),
  details: new Map([...details].map(([id, { life: _, peer: __, ...rest }]) => [id, rest])),
});

/**
 * A leecher is recorded from the middle of its download on, while somebody looks at the same.
 * @returns What it saw, by time, and the file.
 */
function recorded(number: number, seconds: number) {
  const world = new World(number);
  world.checkEvery = 500;
  world.machine({ up: 60_000 }).share(content, { isSeed: true });
  const friend = world.machine({ up: 40_000 });
  const machine = world.machine();
  const visitor = world.machine();
  for (const one of [friend, machine]) one.share(content);
  world.run(3_100);
  const file = new MemoryFile();
  const { torrent, session } = machine;
  const options = { sink: file, path: "x", version: "0", peer: undefined };
  const recording = new TorrentRecording(session, torrent, options, world.clock.now);
  const parts = ["peers", "known", "pieces", "blocks", "files", "trackers", "log"] as const;
  const watcher = new Watcher(session);
  watcher.watch([{ torrent: torrent.id, parts: [...parts] }]);
  // Somebody's page is open, too.
  const peer = [...torrent.swarm.peers].find(({ phase }) => phase === "open")?.id as number;
  const told = new ToldLife(peer);
  let life: PeerLife | undefined;
  let state = EMPTY_ENGINE_STATE;
  const seen: { readonly at: number; readonly state: EngineState; readonly life: PeerLife | undefined }[] = [];
  const taken = torrent.swarm.downloaded;
  for (let second = 0; second < seconds; second++) {
    const { now } = world.clock;
    recording.tick(sessionView(machine), now);
    const update = watcher.update(sessionView(machine), now);
    if (update !== undefined) state = applyUpdate(state, update);
    const news = told.update(torrent, now);
    if (news !== undefined) life = applyLife(life, news);
    seen.push({ at: now, state, life });
    if (second === 4) visitor.share(content);
    if (second === 20) torrent.pause(now);
    if (second === 24) torrent.resume(now);
    world.run(1000);
  }
  recording.tick(sessionView(machine), world.clock.now);
  recording.end(world.clock.now);
  return { seen, file: file.content(), taken: torrent.swarm.downloaded - taken, torrent, peer };
}

test("what is replayed at any time, forwards and backwards, is what was seen at that time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff }),
      fc.array(fc.nat(69), { minLength: 1, maxLength: 12 }),
      (number, looks) => {
        const { seen, file, torrent, peer } = recorded(number, 70);
        const player = new RecordingPlayer(opened(file));
        for (const look of looks) {
          const { at, state, life } = seen[look] as (typeof seen)[number];
          expect(plain(player.stateAt(at))).toEqual(plain(state));
          // Until the next one nothing is known to be otherwise.
          expect(plain(player.stateAt(at + 999))).toEqual(plain(state));
          if (state.details.get(torrent.id)?.peers?.has(peer) !== true) continue;
          const page = player.stateAt(at, peer).details.get(torrent.id);
          expect(page?.life?.history).toEqual(life?.history);
          expect({ ...page?.life, messages: [] }).toEqual({ ...life, messages: [] });
          // Of the wire log, what a keyframe has of it and all that came since.
          const log = page?.life?.messages ?? [];
          expect(log).toEqual(life?.messages.slice(-log.length || Number.POSITIVE_INFINITY));
          expect(page?.peer?.dump).toContain("flags");
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("every message is there once and whole, of blocks the head alone, and the handshakes of who was there before", () => {
  const { file, taken, torrent } = recorded(7, 40);
  const recording = opened(file);
  expect(recording.streams.length).toBeGreaterThanOrEqual(2);
  let payload = 0;
  for (const [, way, , bytes, left] of recording.wire()) {
    expect(4 + readUint32(bytes, 0)).toBe(bytes.length + left);
    if (left > 0) expect([bytes.length, bytes[4]]).toEqual([13, 7]);
    if (way === 0) payload += left;
  }
  expect(payload).toBe(taken);
  for (const { theirs, ours } of recording.streams) {
    expect(theirs.length + ours.length).toBe(136);
    expect(theirs.subarray(28, 48)).toEqual(torrent.swarm.residence.infoHash);
    expect(ours.subarray(48)).toEqual(torrent.swarm.residence.ourPeerId);
  }
  expect(new Set(recording.marks.map(({ kind }) => kind))).toContain("came");
  expect(recording.marks.some(({ kind }) => kind === "left")).toBe(true);
});

test("a recording that is cut or damaged anywhere opens as far as it goes, or says why not", () => {
  const { file } = recorded(3, 35);
  const whole = opened(file);
  expect(whole.isWhole).toBe(true);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.boolean(), (at, isCut) => {
      const spoilt = isCut ? file.slice(0, at) : file.slice();
      if (!isCut) spoilt[at] = (spoilt[at] as number) ^ 0x10;
      const recording = openRecording(spoilt);
      if (typeof recording === "string") {
        expect(recording).toMatch(/^It is /);
        return;
      }
      expect(recording.isWhole).toBe(false);
      const last = recording.timeOf(recording.stepCount - 1);
      expect(last).toBeLessThanOrEqual(recording.end);
      const there = new RecordingPlayer(recording).stateAt(last);
      expect(plain(there)).toEqual(plain(new RecordingPlayer(whole).stateAt(last)));
    }),
    { numRuns: 60 },
  );
});

test("a recording that tells of a time that no calendar has is damaged", () => {
  const handshake = new Uint8Array(68);
  const opening = (openedAt: number) => {
    const file = new MemoryFile();
    file.take("head", 1000, { version: "0", torrent: "ab".repeat(20), name: "Some", infoHash: new Uint8Array(20) });
    file.take("state", 1000, { update: { kind: "update", at: 1000 }, lives: [], details: [] });
    const ends = { peer: 1, host: "192.0.2.1", port: 9, direction: "outgoing", transport: "tcp" } as const;
    file.take("stream", 1000, { ...ends, openedAt, theirs: handshake, ours: handshake });
    return openRecording(file.content());
  };
  expect(opening(1000)).not.toBe("It is damaged.");
  expect(opening(1e300)).toBe("It is damaged.");
});
