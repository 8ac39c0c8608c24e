import { performance } from "node:perf_hooks";
import { Bitfield } from "../../core/model/bitfield.ts";
import { PieceLayout } from "../../core/model/layout.ts";
import { randomBelow, seededRandom } from "../../core/model/random.ts";
import { BLOCK_LENGTH, type PieceIndex } from "../../core/model/units.ts";
import { RequestWindow } from "../../core/peer/request-window.ts";
import type { PartialPiece } from "../../core/swarm/partial-piece.ts";
import { type PickingPeer, pick } from "../../core/swarm/picker.ts";
import { PieceLedger } from "../../core/swarm/piece-ledger.ts";
import type { SwarmDisk } from "../../core/swarm/ports.ts";
import { RarestFirst } from "../../core/swarm/rarest-first.ts";
import { WireDecoder, type WireSink } from "../../core/wire/decoder.ts";
import { blockList, keptTorrents, knocks, largeTorrent, rc4Rate } from "./bulk.ts";
import { median, printTable } from "./table.ts";

/** The places where the heart's time goes, alone and without input or output; then what comes in bulk. */

const ROUNDS = 5;

/** One read of a busy socket. */
const CHUNK = 64 * 1024;

function messagePrefix(length: number, id: number, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(5 + 4 * numbers.length);
  bytes.writeUInt32BE(length, 0);
  bytes[4] = id;
  numbers.forEach((number, i) => bytes.writeUInt32BE(number, 5 + 4 * i));
  return bytes;
}

const have = (piece: number): Buffer => messagePrefix(5, 4, piece);
const block = (piece: number, begin: number): Buffer =>
  Buffer.concat([messagePrefix(9 + BLOCK_LENGTH, 7, piece, begin), Buffer.alloc(BLOCK_LENGTH, piece)]);

function inChunks(stream: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += CHUNK) chunks.push(stream.subarray(at, at + CHUNK));
  return chunks;
}

class CountingSink implements WireSink {
  messages = 0;
  readonly #target = { bytes: new Uint8Array(BLOCK_LENGTH), at: 0 };

  keepAlive(): void {
    this.messages++;
  }

  message(): undefined {
    this.messages++;
  }

  blockBegins(): { bytes: Uint8Array; at: number } {
    return this.#target;
  }

  blockEnds(): undefined {
    this.messages++;
  }

  blockProgress(): void {}
}

/** @returns Bytes and messages a second. */
function decodeRate(stream: Buffer, repeats: number): { bytes: number; messages: number } {
  const chunks = inChunks(stream);
  const decoder = new WireDecoder(50_000);
  const sink = new CountingSink();
  const started = performance.now();
  for (let i = 0; i < repeats; i++) for (const chunk of chunks) decoder.push(chunk, sink);
  const seconds = (performance.now() - started) / 1000;
  return { bytes: (stream.length * repeats) / seconds, messages: sink.messages / seconds };
}

const PIECES = 50_000;
const PEERS = 200;
/** Requests outstanding at each peer, and how many are answered at once. */
const OUTSTANDING = 64;
const BATCH = 16;

/** Memory without end that is never written to. */
const disk: SwarmDisk = {
  reserve: () => ({ bytes: new Uint8Array(0) }),
  release: () => undefined,
  storePiece: () => undefined,
  writePart: () => undefined,
  verifyPiece: () => undefined,
  readBlock: () => undefined,
  readLeaves: () => undefined,
};

interface Asked {
  readonly partial: PartialPiece;
  readonly block: number;
}

/** A peer that has every second piece, at random, and answers in order. */
class BenchPeer implements PickingPeer {
  readonly id: number;
  readonly pieces = new Bitfield(PIECES);
  readonly peerChokes = false;
  readonly isOnParole = false;
  readonly allowedFast = new Set<PieceIndex>();
  readonly suggested = new Set<PieceIndex>();
  readonly queue: Asked[] = [];
  readonly window = new RequestWindow();
  readonly takenBack = 0;
  readonly now = 0;

  constructor(id: number) {
    this.id = id;
  }
}

/** Plays a whole download of 50,000 pieces of 256 KiB from 200 peers. */
function playDownload(seed: number): { picks: number; haves: number } {
  const random = seededRandom(seed);
  const layout = new PieceLayout(PIECES * 256 * 1024, 256 * 1024);
  const rarest = new RarestFirst(PIECES, random);
  const wanted = new Bitfield(PIECES);
  for (let piece = 0; piece < PIECES; piece++) wanted.set(piece);
  const ledger = new PieceLedger(layout, new Bitfield(PIECES), wanted, rarest);
  const peers = Array.from({ length: PEERS }, (_, id) => new BenchPeer(id));
  const swarm = { ledger, rarest, disk, peers, surplus: 0, takeBack: () => undefined };

  let haves = 0;
  const toldAt = performance.now();
  for (const peer of peers) {
    for (let piece = 0; piece < PIECES; piece++) {
      if (randomBelow(random, 2) === 0) continue;
      peer.pieces.set(piece);
      rarest.gained(piece);
      haves++;
    }
  }
  const tellingSeconds = (performance.now() - toldAt) / 1000;

  let picks = 0;
  const started = performance.now();
  while (!ledger.isComplete) {
    for (const peer of peers) {
      for (const { partial, block: index } of peer.queue.splice(0, BATCH)) {
        if (!partial.isRequested(index)) continue;
        partial.receive(index, peer.id);
        if (!partial.isWhole) continue;
        ledger.beginWriting(partial);
        ledger.verify(partial.piece);
      }
      const free = OUTSTANDING - peer.queue.length;
      picks += pick(swarm, peer, free, (partial, index) => peer.queue.push({ partial, block: index }));
    }
  }
  const seconds = (performance.now() - started) / 1000;
  return { picks: picks / seconds, haves: haves / tellingSeconds };
}

/** Medians after one round that only warms up. */
function rounds<T extends Record<string, number>>(run: (round: number) => T): T {
  run(0);
  const results = Array.from({ length: ROUNDS }, (_, round) => run(round + 1));
  const [first] = results;
  const keys = Object.keys(first ?? {});
  return Object.fromEntries(keys.map((key) => [key, median(results.map((result) => result[key] ?? 0))])) as T;
}

const blocks = Buffer.concat(Array.from({ length: 256 }, (_, i) => [block(i, 0), have(i)]).flat());
const small = Buffer.concat(Array.from({ length: 100_000 }, (_, i) => have(i % PIECES)));
const decoded = rounds(() => decodeRate(blocks, 256));
const flood = rounds(() => decodeRate(small, 10));
const download = rounds(playDownload);
const cipher = rounds(() => ({ rate: rc4Rate() }));
const torrent = rounds(() => ({ time: largeTorrent() }));
const blocked = rounds(blockList);
const kept = await keptTorrents();
const count = (value: number): string => Math.round(value).toLocaleString("en");
printTable(
  ["what", "a second"],
  [
    ["decoder, blocks of 16 KiB, MB", count(decoded.bytes / 1e6)],
    ["decoder, have messages", count(flood.messages)],
    [`picks, ${count(PIECES)} pieces × ${PEERS} peers`, count(download.picks)],
    ["availability counts", count(download.haves)],
    ["RC4, MiB (goal: 250)", count(cipher.rate)],
  ],
);
printTable(
  ["what", "took", "goal"],
  [
    ["a torrent of 500,000 piece hashes, ms", count(torrent.time), "1,000"],
    ["the state of 1,000 torrents, ms", count(kept), "1,000"],
    ["a filter of 500,000 ranges, ms", count(blocked.time), "1,000"],
    ["what it holds then, MiB", count(blocked.held), "40"],
    ["10,000 uTP SYNs, MiB", count(knocks()), "64"],
  ],
);
