import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { CLOSE_REASONS } from "../../../core/model/close-reason.ts";
import { wireHash } from "../../../core/model/info-hash.ts";
import { type Random, randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import { EXTENDED } from "../../../core/wire/extended-id.ts";
import { encodeHandshake } from "../../../core/wire/handshake.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { makeContent } from "../../sim/support/content.ts";
import { checkSession } from "../../sim/support/invariants.ts";
import { liesOnDisk } from "../../sim/support/measures.ts";
import { World } from "../../sim/support/world.ts";
import { mutate } from "../mutate.ts";
import { claim, type Outcome, pick, type Target } from "../target.ts";
import { holepunchMessage, pexMessage } from "./peers-told.ts";
import { readScript, scriptEntry } from "./script.ts";
import { Called, Caller, type Stranger } from "./strangers.ts";

const BLOCK = 16_384;
const PIECE = 2 * BLOCK;
const MEMORY = 4 * PIECE;
const STRANGERS = 6;
const content = makeContent([7 * PIECE - 77], PIECE, { seed: 5 });
const { pieceCount } = content.metainfo;
const ourHash = wireHash(content.metainfo.infoHash);

/** What a script may let happen; `argument` says to whom, or how much. */
const DO = {
  say: 0,
  sayInParts: 1,
  /** A new connection, greeted as the argument's bits say. */
  meet: 2,
  /** A new connection that begins with the bytes. */
  begin: 3,
  answer: 4,
  lie: 5,
  answerShort: 6,
  reject: 7,
  leave: 8,
  wait: 9,
  drain: 10,
  pause: 11,
  /** We dial it; when it is reached, it greets as the argument's bits say. */
  dial: 12,
} as const;
const DEEDS = Object.keys(DO).length;

const UNCHOKE = Uint8Array.of(0, 0, 0, 1, 1);

/** Messages a peer could send, sensible more often than not. */
function messages(random: Random): Uint8Array {
  const writer = new MessageWriter();
  for (let i = randomBelow(random, 5); i >= 0; i--) message(random, writer);
  return writer.take();
}

function spoken(random: Random): Uint8Array {
  const bytes = messages(random);
  return randomBelow(random, 20) === 0 ? mutate(random, bytes) : bytes;
}

function message(random: Random, writer: MessageWriter): void {
  const piece = randomBelow(random, pieceCount + (randomBelow(random, 60) === 0 ? 3 : 0));
  const begin = BLOCK * randomBelow(random, 3);
  switch (randomBelow(random, 17)) {
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
      return writer.block(6, piece, begin, 1 + randomBelow(random, BLOCK));
    case 8:
      return writer.block(8, piece, begin, BLOCK);
    case 9:
      return writer.piece(13 + 4 * randomBelow(random, 2), piece);
    case 10:
      return writer.payload(
        20,
        Uint8Array.of(0),
        fromLatin1("d1:md12:ut_holepunchi4e6:ut_pexi1ee1:pi6881e4:reqqi9e11:upload_onlyi1ee"),
      );
    case 11:
      return writer.keepAlive();
    case 12:
      return writer.block(16, piece, begin, BLOCK);
    case 13:
      return writer.payload(20, Uint8Array.of(EXTENDED.lt_donthave, 0, 0, 0, piece));
    case 14:
      return writer.payload(20, Uint8Array.of(EXTENDED.ut_pex), pexMessage.make(random));
    case 15:
      return writer.payload(20, Uint8Array.of(EXTENDED.ut_holepunch), holepunchMessage.make(random));
    default:
      writer.blockHeader(piece, begin, 8);
      return writer.raw(randomBytes(random, 8));
  }
}

/** How a connection may begin: as BitTorrent for this torrent or another, encrypted, or as something else. */
function beginning(random: Random): Uint8Array {
  const infoHash = randomBelow(random, 3) === 0 ? randomBytes(random, 20) : ourHash;
  const plain = encodeHandshake({ reserved: randomBytes(random, 8), infoHash, peerId: randomBytes(random, 20) });
  const key = randomBytes(random, 96 + randomBelow(random, 700));
  return pick(random, [plain, plain, key, fromLatin1("GET / HTTP/1.1\r\n\r\n")]);
}

function makeScript(random: Random): Uint8Array {
  const entries: Uint8Array[] = [];
  for (let turns = 5 + randomBelow(random, 120); turns > 0; turns--) {
    const argument = randomBelow(random, 256);
    const deed = randomBelow(random, 40);
    if (entries.length < 3 || deed === 0) entries.push(scriptEntry(DO.meet, argument));
    else if (deed === 1) entries.push(scriptEntry(DO.begin, argument, beginning(random)));
    else if (deed < 14) entries.push(scriptEntry(randomBelow(random, 2), argument, spoken(random)));
    else if (deed < 30) entries.push(scriptEntry(DO.answer, argument));
    else if (deed < 32) entries.push(scriptEntry(DO.lie, argument));
    else if (deed < 34) entries.push(scriptEntry(deed === 32 ? DO.reject : DO.answerShort, argument));
    else if (deed < 37) entries.push(scriptEntry(DO.wait, argument));
    else entries.push(scriptEntry(pick(random, [DO.leave, DO.drain, DO.drain, DO.pause, DO.dial, DO.dial]), argument));
  }
  return concatBytes(...entries);
}

/** What it says to one of the requests that it has from us; when it has none, that we may ask. */
function answerTo({ window: { outstanding } }: Peer, deed: number, argument: number): Uint8Array {
  const asked = outstanding[(argument >> 3) % Math.max(1, outstanding.length)];
  if (asked === undefined) return UNCHOKE.slice();
  const writer = new MessageWriter();
  const begin = asked.block * BLOCK;
  if (deed === DO.reject) writer.block(16, asked.piece, begin, asked.length);
  else {
    const at = asked.piece * PIECE + begin;
    const bytes = content.bytes.slice(at, at + (deed === DO.answerShort ? 1 + argument : asked.length));
    if (deed === DO.lie) bytes[argument] = ~(bytes[argument] as number);
    writer.blockHeader(asked.piece, begin, bytes.length);
    writer.raw(bytes);
  }
  return writer.take();
}

class Play {
  readonly world = new World(1);
  readonly machine = this.world.machine({ settings: { pex: true } });
  readonly torrent = this.machine.share(content, { has: [0, 1], disk: { memory: MEMORY } });
  readonly #strangers: Stranger[] = [];
  #met = 0;

  constructor() {
    this.world.checkEvery = Number.POSITIVE_INFINITY;
  }

  act(deed: number, argument: number, bytes: Uint8Array): void {
    const { machine, torrent, world } = this;
    const one = this.#strangers[argument % STRANGERS];
    switch (deed) {
      case DO.meet:
        return this.#called(argument, greetingOf(argument, this.#met));
      case DO.begin:
        return this.#called(argument, bytes);
      case DO.dial:
        this.#place(argument, () => new Called(machine, torrent, this.#met, greetingOf(argument, this.#met)));
        return;
      case DO.say:
        return one?.hear(bytes);
      case DO.sayInParts:
        for (let at = 0; at < bytes.length; at += 1 + argument) one?.hear(bytes.slice(at, at + 1 + argument));
        return;
      case DO.leave:
        return one?.leave();
      case DO.wait:
        return world.run(argument * 20);
      case DO.drain:
        for (const stranger of this.#strangers.filter(Boolean)) stranger.drain();
        return;
      case DO.pause:
        torrent.pause(machine.now);
        world.run(100);
        return torrent.resume(machine.now);
      default:
        if (one?.peer !== undefined) one.hear(answerTo(one.peer, deed, argument));
    }
  }

  check(): void {
    checkSession(this.machine.session, true);
    const { held } = this.machine.storageOf(this.torrent);
    claim(held <= MEMORY, () => `${held} bytes of pieces are held, at most ${MEMORY}`);
    for (const { peer } of this.#strangers.filter(Boolean)) {
      claim(peer?.isClosed !== true || peer.closing !== undefined, "closed for no reason");
    }
  }

  /** @returns Why peers left, and what was had. */
  end(): Outcome {
    const lies = liesOnDisk(this.machine);
    claim(lies.length === 0, () => `wrong on the disk: pieces ${lies.join(", ")}`);
    this.torrent.pause(this.machine.now);
    this.world.run(1000);
    const { held } = this.machine.storageOf(this.torrent);
    claim(held === 0, () => `${held} bytes of pieces are held for nobody`);
    const reasons = [...this.torrent.gone, ...this.machine.session.refused].map(({ reason }) => reason);
    for (const reason of reasons) claim(reason in CLOSE_REASONS, () => `gone for ${reason}`);
    const isBetter = this.torrent.swarm.ledger.verified.count > 2;
    const isServed = this.torrent.gone.some(
      ({ direction, payloadDown }) => direction === "outgoing" && payloadDown > 0,
    );
    return [...new Set(reasons), isBetter ? "a piece" : "no piece", ...(isServed ? ["served by one we dialled"] : [])];
  }

  #called(argument: number, bytes: Uint8Array): void {
    this.#place(argument, () => new Caller(this.machine, this.#met)).hear(bytes);
  }

  /** In the place of whoever was there. */
  #place(argument: number, make: () => Stranger): Stranger {
    const place = argument % STRANGERS;
    this.#strangers[place]?.leave();
    this.#met++;
    const stranger = make();
    this.#strangers[place] = stranger;
    return stranger;
  }
}

/**
 * The argument's bits: the extension protocol, the fast extension, whether everybody has one peer id, and whether it says
 * at once that it has everything and lets us ask.
 */
function greetingOf(argument: number, number: number): Uint8Array {
  const isFast = (argument & 0x20) !== 0;
  const reserved = Uint8Array.of(0, 0, 0, 0, 0, argument & 0x10, 0, isFast ? 4 : 0);
  const peerId = (argument & 0xc0) === 0 ? new Uint8Array(20).fill(9) : randomBytes(seededRandom(number), 20);
  const writer = new MessageWriter();
  writer.raw(encodeHandshake({ reserved, infoHash: ourHash, peerId }));
  if ((argument & 0x08) === 0) return writer.take();
  if (isFast) writer.bare(14);
  else writer.payload(5, Uint8Array.of(0xfe));
  writer.bare(1);
  return writer.take();
}

/**
 * Whatever peers say and do, the session stands: nothing thrown, the ledger true, memory bounded, the disk right. An
 * input is a script of what six of them do, with the bytes they say in it.
 */
export const session: Target = {
  name: "session",
  share: 8,
  meets: [
    "a piece",
    "no piece",
    "bad-message",
    "banned",
    "closed-by-peer",
    "bad-handshake",
    "served by one we dialled",
  ],
  make: makeScript,
  judge(input) {
    const play = new Play();
    for (const { deed, argument, bytes } of readScript(input, DEEDS)) {
      play.act(deed, argument, bytes);
      play.check();
    }
    return play.end();
  },
};
