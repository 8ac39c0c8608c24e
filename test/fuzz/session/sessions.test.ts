import { expect, test } from "vitest";
import type { Closing } from "../../../core/model/close-reason.ts";
import { CLOSE_REASONS } from "../../../core/model/close-reason.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { encodeHandshake } from "../../../core/wire/handshake.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { makeContent } from "../../sim/support/content.ts";
import { checkSession } from "../../sim/support/invariants.ts";
import { liesOnDisk } from "../../sim/support/measures.ts";
import { type Machine, World } from "../../sim/support/world.ts";
import { mutate, seedOfRun } from "../mutate.ts";

const PIECE = 64 * 1024;
const content = makeContent([11 * PIECE - 77], PIECE, { seed: 5 });
const { pieceCount } = content.metainfo;

/** A link into the void that counts. */
class Sink implements PeerLink {
  backlog = 0;
  isClosed = false;
  sent = 0;
  readonly #holds: (() => void)[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  send(bytes: Uint8Array): void {
    expect(this.isClosed).toBe(false);
    this.sent += bytes.length;
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    expect(this.isClosed).toBe(false);
    this.sent += header.length + block.length;
    this.backlog += block.length;
    this.#holds.push(() => {
      this.backlog -= block.length;
      released();
    });
    if (randomBelow(this.#random, 2) === 0) this.drain();
  }

  drain(): void {
    for (const release of this.#holds.splice(0)) release();
  }

  close(): void {
    this.isClosed = true;
    this.drain();
  }
}

/** Something a peer could say now, sensible more often than not. */
function saying(random: Random, peer: Peer, writer: MessageWriter): void {
  const piece = randomBelow(random, pieceCount + (randomBelow(random, 60) === 0 ? 3 : 0));
  const begin = 16_384 * randomBelow(random, 5);
  switch (randomBelow(random, 20)) {
    case 0:
      return writer.bare(0);
    case 1:
    case 2:
      return writer.bare(1);
    case 3:
      return writer.bare(2 + randomBelow(random, 2));
    case 4:
      return writer.piece(4, piece);
    case 5:
      return writer.payload(5, randomBytes(random, (pieceCount + 7) >> 3));
    case 6:
      return writer.bare(14 + randomBelow(random, 2));
    case 7:
      return writer.block(6, piece, begin, 1 + randomBelow(random, 16_384));
    case 8:
      return writer.block(8, piece, begin, 16_384);
    case 9:
      return writer.piece(13 + 4 * randomBelow(random, 2), piece);
    case 10:
      return writer.payload(20, Uint8Array.of(0), mutate(random, Buffer.from("d1:md6:ut_pexi1ee1:pi6881e4:reqqi9ee")));
    case 11:
      return writer.keepAlive();
    case 12:
      return writer.block(16, piece, begin, 16_384);
    default: {
      // An answer to what we asked for: right, wrong, or of the wrong length.
      const { outstanding } = peer.window;
      const asked = outstanding[randomBelow(random, Math.max(1, outstanding.length))];
      if (asked === undefined) return writer.bare(1);
      if (randomBelow(random, 10) === 0) return writer.block(16, asked.piece, asked.block * 16_384, asked.length);
      const length = randomBelow(random, 30) === 0 ? 1 + randomBelow(random, 16_384) : asked.length;
      const at = asked.piece * PIECE + asked.block * 16_384;
      const bytes = content.bytes.slice(at, at + length);
      if (randomBelow(random, 8) === 0) bytes.fill(0xbd);
      writer.blockHeader(asked.piece, asked.block * 16_384, bytes.length);
      return writer.raw(bytes);
    }
  }
}

/** One peer of the fuzz, as the machine under test meets it. */
class Stranger {
  readonly peer: Peer;
  readonly link: Sink;
  readonly #random: Random;
  readonly #machine: Machine;

  constructor(machine: Machine, random: Random, number: number) {
    this.#random = random;
    this.#machine = machine;
    this.link = new Sink(random);
    this.peer = machine.session.accept({ host: "10.9.9.9", port: 1000 + number }, "tcp", this.link, machine.now);
    const reserved = Uint8Array.of(0, 0, 0, 0, 0, 0x10 * randomBelow(random, 2), 0, 4 * randomBelow(random, 2));
    const peerId = randomBytes(random, 20);
    const infoHash = Buffer.from(machine.torrent.id, "hex");
    const handshake = encodeHandshake({ reserved, infoHash, peerId });
    this.hear(randomBelow(random, 30) === 0 ? mutate(random, handshake) : handshake);
  }

  speak(): void {
    const writer = new MessageWriter();
    for (let i = randomBelow(this.#random, 6); i >= 0; i--) saying(this.#random, this.peer, writer);
    const bytes = writer.take();
    this.hear(randomBelow(this.#random, 25) === 0 ? mutate(this.#random, bytes) : bytes);
  }

  leave(closing: Closing): void {
    this.link.isClosed = true;
    this.peer.disconnected(closing, this.#machine.now);
  }

  hear(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const size = randomBelow(this.#random, 3) === 0 ? 1 + randomBelow(this.#random, 200) : bytes.length;
      this.peer.receive(bytes.slice(at, at + size), this.#machine.now);
      at += size;
    }
  }
}

test("whatever peers say, the session stands: nothing thrown, the ledger true, memory bounded, the disk right", () => {
  const seed = seedOfRun();
  const random = seededRandom(seed);
  const reasons = new Set<string>();
  let verified = 0;
  try {
    for (let round = 0; round < 12; round++) {
      const world = new World(random.uint32());
      world.checkEvery = Number.POSITIVE_INFINITY;
      const machine = world.machine();
      const torrent = machine.share(content, { has: [0, 1, 2], disk: { memory: 6 * PIECE } });
      const strangers: Stranger[] = [];
      let number = 0;
      for (let turn = 0; turn < 400; turn++) {
        const index = randomBelow(random, 8);
        const one = strangers[index];
        if (one === undefined || one.peer.isClosed) strangers[index] = new Stranger(machine, random, ++number);
        else if (randomBelow(random, 60) === 0) {
          one.leave({ reason: "closed-by-peer", by: "peer", detail: "it ended the connection" });
        } else one.speak();
        if (randomBelow(random, 10) === 0) for (const { link } of strangers.filter(Boolean)) link.drain();
        if (randomBelow(random, 5) === 0) world.run(randomBelow(random, 4000));
        if (randomBelow(random, 150) === 0) {
          torrent.pause(machine.now);
          world.run(100);
          torrent.resume(machine.now);
        }
        checkSession(machine.session, true);
        expect(machine.storageOf(torrent).held).toBeLessThanOrEqual(6 * PIECE);
        for (const { peer } of strangers.filter(Boolean)) expect(peer.isClosed).toBe(peer.closing !== undefined);
      }
      for (const gone of [...torrent.gone, ...machine.session.refused]) {
        reasons.add(gone.reason);
        expect(CLOSE_REASONS).toHaveProperty(gone.reason);
      }
      expect(liesOnDisk(machine)).toEqual([]);
      verified += torrent.swarm.ledger.verified.count;
      torrent.pause(machine.now);
      world.run(1000);
      expect(machine.storageOf(torrent).held).toBe(0);
    }
  } catch (error) {
    if (error instanceof Error) error.message += ` (PEERSCOPE_FUZZ_SEED=${seed})`;
    throw error;
  }
  // The conversation got somewhere, and misbehaviour was met.
  expect(verified, `seed ${seed}`).toBeGreaterThan(12 * 5);
  for (const reason of ["bad-message", "banned", "closed-by-peer"]) expect(reasons, `seed ${seed}`).toContain(reason);
});
