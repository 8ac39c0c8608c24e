import { torrentId } from "../../../core/model/info-hash.ts";
import type { PeerFace } from "../../../core/model/peer-face.ts";
import { METHOD } from "../../../core/mse/handshake.ts";
import { EXTENDED } from "../../../core/wire/extended-id.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { makeContent } from "../support/content.ts";
import { KIB, SECOND } from "../support/measures.ts";
import type { MachineOptions, SharingOptions } from "../support/world.ts";
import type { Stage } from "./stage.ts";
import { RESERVED, type Way } from "./visitor.ts";

/** Something happens, and so the peer looks from then on. */
export interface Step {
  act(stage: Stage): unknown;
  /** `undefined`: the face has no such property. */
  readonly is: Partial<{ [K in keyof PeerFace]: PeerFace[K] | undefined }>;
  /** All letters but those that the way of connecting gives. */
  readonly letters: string;
}

export interface Row {
  readonly what: string;
  /** Ways to connect, where not all of them can have it. */
  readonly only?: (way: Way) => boolean;
  readonly content?: typeof CONTENT;
  readonly machine?: MachineOptions;
  readonly share?: SharingOptions;
  /** The first step begins before they have met. */
  readonly isUnmet?: boolean;
  readonly steps: readonly Step[];
}

const BLOCK = 16 * KIB;
/** Two files of two pieces each. */
export const CONTENT = makeContent([8 * BLOCK, 8 * BLOCK], 4 * BLOCK, { seed: 31 });
/** One piece that takes more requests than a peer gets at first. */
const ONE_PIECE = makeContent([8 * BLOCK], 8 * BLOCK, { seed: 32 });
const ALL_PIECES = Uint8Array.of(0xf0);
const ONE_OF_THEM = Uint8Array.of(0x20);

const bare =
  (...ids: readonly number[]) =>
  ({ visitor }: Stage) =>
    visitor.say((writer) => {
      for (const id of ids) writer.bare(id);
    });
const have =
  (piece: number) =>
  ({ visitor }: Stage) =>
    visitor.say((writer) => writer.piece(MESSAGE.have, piece));
const lose =
  (piece: number) =>
  ({ visitor }: Stage) =>
    visitor.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(EXTENDED.lt_donthave, 0, 0, 0, piece)));
const field =
  (bits: Uint8Array) =>
  ({ visitor }: Stage) =>
    visitor.say((writer) => writer.payload(MESSAGE.bitfield, bits));
const extended =
  (text: string) =>
  ({ visitor }: Stage) =>
    visitor.say((writer) => writer.payload(MESSAGE.extended, Uint8Array.of(0), Buffer.from(text)));
/** Lets time pass in which nobody falls silent. */
const wait = (time: number) => (stage: Stage) => stage.wait(time);
const isIncoming = ({ direction }: Way) => direction === "incoming";
const isOutgoing = ({ direction }: Way) => direction === "outgoing";

const FRESH = { weChoke: true, weAreInterested: false, peerChokes: true, peerIsInterested: false } as const;

/** With one regular slot, which another has. */
const TAKES_THE_OPTIMISTIC_SLOT: Step = {
  act: (stage) => {
    stage.rival().say((writer) => writer.bare(MESSAGE.interested));
    stage.wait(SECOND);
    bare(MESSAGE.interested)(stage);
    stage.wait(SECOND);
  },
  is: { isOptimistic: true, weChoke: false },
  letters: "UO",
};

export const ROWS: readonly Row[] = [
  {
    what: "one that is dialled goes from queued to open",
    only: isOutgoing,
    isUnmet: true,
    steps: [
      { act: ({ visitor }) => visitor.know(), is: { phase: "queued", encryption: "none" }, letters: "Q" },
      { act: ({ visitor }) => visitor.dial(), is: { phase: "connecting", connectedAt: undefined }, letters: "C" },
      { act: ({ visitor }) => visitor.connect(), is: { phase: "handshaking", isLocalConnection: true }, letters: "N" },
      { act: ({ visitor }) => visitor.greet(0, 67), is: { phase: "handshaking", peerId: undefined }, letters: "N" },
      { act: ({ visitor }) => visitor.greet(67), is: { phase: "open" }, letters: "" },
      { act: ({ visitor }) => visitor.hangUp(), is: { phase: "closed" }, letters: "" },
    ],
  },
  {
    what: "one that comes belongs to no torrent before it names one",
    only: isIncoming,
    isUnmet: true,
    steps: [
      {
        act: ({ visitor }) => {
          visitor.connect();
          visitor.greet(0, 1);
        },
        is: { phase: "encrypting", torrent: undefined, peerId: undefined, isLocalConnection: false },
        letters: "N",
      },
      { act: ({ visitor }) => visitor.greet(1, 47), is: { phase: "handshaking", torrent: undefined }, letters: "N" },
      {
        act: ({ visitor }) => visitor.greet(47, 67),
        is: { phase: "handshaking", torrent: torrentId(CONTENT.metainfo.infoHash) },
        letters: "N",
      },
      { act: ({ visitor }) => visitor.greet(67), is: { phase: "open" }, letters: "" },
      { act: ({ visitor }) => visitor.hangUp(), is: { phase: "closed" }, letters: "" },
    ],
  },
  {
    what: "its handshake names it, and the extension handshake better",
    isUnmet: true,
    steps: [
      {
        act: ({ visitor }) => {
          if (visitor.way.direction === "outgoing") visitor.know();
          visitor.connect();
          visitor.greet(0, 67);
        },
        is: { client: undefined, reserved: undefined, extensionHandshake: undefined },
        letters: "N",
      },
      {
        act: ({ visitor }) => visitor.greet(67),
        is: {
          client: "Xtorrent 0.0.0.1",
          reserved: Uint8Array.from(RESERVED),
          supports: { extensionProtocol: true, fast: true, dht: false, v2: false, azureus: false, unknown: [] },
        },
        letters: "",
      },
      { act: extended("d1:v5:Othere"), is: { client: "Other", extensionHandshake: '{v: "Other"}' }, letters: "" },
    ],
  },
  {
    what: "the port of one that came is what it tells",
    only: isIncoming,
    steps: [
      { act: () => undefined, is: { port: 1 }, letters: "" },
      { act: extended("d1:pi6999ee"), is: { port: 6999, isLocalConnection: false }, letters: "" },
    ],
  },
  {
    what: "the port that was dialled is its listen port unless it tells another",
    only: isOutgoing,
    steps: [
      { act: extended("d1:pi1ee"), is: { isLocalConnection: true }, letters: "" },
      { act: extended("d1:pi6999ee"), is: { port: 1, isLocalConnection: false }, letters: "" },
    ],
  },
  {
    what: "sources gather, and each has its letter",
    machine: { settings: { pex: true } },
    steps: [
      { act: ({ visitor, torrent }) => torrent.swarm.learn(visitor.endpoint, { kind: "user" }), is: {}, letters: "M" },
      {
        act: ({ visitor, torrent }) =>
          torrent.swarm.learn(visitor.endpoint, { kind: "tracker", tracker: "http://t.test/" }),
        is: {},
        letters: "TM",
      },
      { act: wait(10 * SECOND), is: {}, letters: "TM" },
      { act: (stage) => stage.find("dht"), is: {}, letters: "HTM" },
      { act: (stage) => stage.rivalTells(), is: {}, letters: "HXTM" },
      { act: (stage) => stage.find("lsd"), is: {}, letters: "HXLTM" },
    ],
  },
  {
    what: "all of it is encrypted",
    isUnmet: true,
    machine: { settings: { encryptionIncoming: "require", encryptionOutgoing: "require" } },
    steps: [
      {
        act: ({ visitor }) => {
          if (visitor.way.direction === "outgoing") visitor.know();
          visitor.connect();
          visitor.greetEncrypted(METHOD.rc4);
        },
        is: { encryption: "rc4", phase: "open" },
        letters: "E",
      },
      { act: have(2), is: { weAreInterested: true }, letters: "dE" },
    ],
  },
  {
    what: "its handshake alone is encrypted",
    isUnmet: true,
    machine: { settings: { encryptionIncoming: "allow", encryptionOutgoing: "prefer" } },
    steps: [
      {
        act: ({ visitor }) => {
          if (visitor.way.direction === "outgoing") visitor.know();
          visitor.connect();
          visitor.greetEncrypted(METHOD.plain);
        },
        is: { encryption: "handshake", phase: "open" },
        letters: "e",
      },
      { act: have(2), is: { weAreInterested: true }, letters: "de" },
    ],
  },
  {
    what: "its pieces are what it told last, and make it interesting while we want one of them",
    steps: [
      { act: () => undefined, is: { ...FRESH, pieces: undefined, piecesCount: 0 }, letters: "" },
      { act: have(2), is: { pieces: ONE_OF_THEM, piecesCount: 1, weAreInterested: true }, letters: "d" },
      { act: field(Uint8Array.of(0)), is: { pieces: Uint8Array.of(0), weAreInterested: false }, letters: "" },
      { act: field(ONE_OF_THEM), is: { pieces: ONE_OF_THEM, weAreInterested: true }, letters: "d" },
      { act: (stage) => stage.want(1, false), is: { weAreInterested: false }, letters: "" },
      { act: (stage) => stage.want(1, true), is: { weAreInterested: true }, letters: "d" },
      { act: bare(MESSAGE.haveNone), is: { piecesCount: 0, weAreInterested: false }, letters: "" },
    ],
  },
  {
    what: "its choke is as it says",
    steps: [
      { act: bare(MESSAGE.unchoke), is: { peerChokes: false, timesUnchoked: 1 }, letters: "K" },
      { act: have(2), is: { peerChokes: false, weAreInterested: true, requestsOut: 4 }, letters: "D" },
      { act: bare(MESSAGE.choke), is: { peerChokes: true, timesChoked: 1 }, letters: "d" },
    ],
  },
  {
    what: "its interest is as it says, and it is unchoked for it in the next round",
    share: { isSeed: true },
    steps: [
      { act: bare(MESSAGE.interested), is: { peerIsInterested: true, weChoke: true }, letters: "u" },
      { act: wait(SECOND), is: { peerIsInterested: true, weChoke: false, isOptimistic: false }, letters: "U" },
      { act: bare(MESSAGE.notInterested), is: { peerIsInterested: false, weChoke: true }, letters: "" },
    ],
  },
  {
    what: "the slot without merit is its own until the next waits for it",
    share: { isSeed: true },
    machine: { settings: { unchokeSlots: 1 } },
    steps: [
      TAKES_THE_OPTIMISTIC_SLOT,
      {
        act: (stage) => {
          stage.rival().say((writer) => writer.bare(MESSAGE.interested));
          stage.wait(40 * SECOND);
        },
        is: { isOptimistic: false, weChoke: true },
        letters: "u",
      },
    ],
  },
  {
    what: "the slot without merit is lost with its interest",
    share: { isSeed: true },
    machine: { settings: { unchokeSlots: 1 } },
    steps: [
      TAKES_THE_OPTIMISTIC_SLOT,
      { act: bare(MESSAGE.notInterested), is: { isOptimistic: false, weChoke: true }, letters: "" },
    ],
  },
  {
    what: "the slot without merit becomes a regular one that it has earned",
    share: { isSeed: true },
    machine: { settings: { unchokeSlots: 1 } },
    steps: [
      TAKES_THE_OPTIMISTIC_SLOT,
      { act: (stage) => stage.rivalsLeave(), is: { isOptimistic: false, weChoke: false }, letters: "U" },
    ],
  },
  {
    what: "it has everything when it says so, piece by piece or at once, and no longer when it takes that back",
    steps: [
      { act: field(Uint8Array.of(0xe0)), is: { isSeed: false, isUploadOnly: false }, letters: "d" },
      { act: have(3), is: { isSeed: true, isUploadOnly: true, piecesCount: 4 }, letters: "d=" },
      { act: field(ONE_OF_THEM), is: { isSeed: false, isUploadOnly: false }, letters: "d" },
      { act: bare(MESSAGE.haveAll), is: { isSeed: true, pieces: ALL_PIECES }, letters: "d=" },
      { act: lose(3), is: { isSeed: false, pieces: Uint8Array.of(0xe0), piecesCount: 3 }, letters: "d" },
    ],
  },
  {
    what: "it only uploads while it says so",
    steps: [
      { act: extended("d11:upload_onlyi1ee"), is: { isUploadOnly: true, isSeed: false }, letters: "−" },
      { act: extended("d1:v1:xe"), is: { isUploadOnly: true }, letters: "−" },
      { act: extended("d11:upload_onlyi0ee"), is: { isUploadOnly: false }, letters: "" },
    ],
  },
  {
    what: "it is snubbed after a minute without a block, and until one comes in time",
    steps: [
      { act: bare(MESSAGE.haveAll, MESSAGE.unchoke), is: { isSnubbed: false, requestsOut: 4 }, letters: "D=" },
      { act: wait(59 * SECOND), is: { isSnubbed: false }, letters: "D=" },
      { act: wait(3 * SECOND), is: { isSnubbed: true, requestsOut: 1 }, letters: "DS=" },
      { act: (stage) => stage.giveOldest(), is: { isSnubbed: false }, letters: "D=" },
    ],
  },
  {
    what: "it is on parole after a piece to which it gave, until one of its own passes; that the piece failed stays",
    steps: [
      {
        act: (stage) => {
          stage.window(1);
          bare(MESSAGE.haveAll, MESSAGE.unchoke)(stage);
          stage.giveOldest();
        },
        is: { isOnParole: false, hashFailures: 0 },
        letters: "D=",
      },
      { act: (stage) => stage.failPiece(), is: { isOnParole: true, hashFailures: 1 }, letters: "DR=F" },
      { act: (stage) => stage.serve(true), is: { isOnParole: false, hashFailures: 1 }, letters: "D=F" },
    ],
  },
  {
    what: "on parole, a piece of its own that fails bans it",
    steps: [
      {
        act: (stage) => {
          stage.window(1);
          bare(MESSAGE.haveAll, MESSAGE.unchoke)(stage);
          stage.giveOldest();
          stage.failPiece();
        },
        is: { isOnParole: true, phase: "open" },
        letters: "DR=F",
      },
      { act: (stage) => stage.serve(false), is: { phase: "closed", hashFailures: 2 }, letters: "R=F" },
    ],
  },
  {
    what: "its requests are asked elsewhere too while it is late with the last of them",
    content: ONE_PIECE,
    steps: [
      {
        act: (stage) => {
          stage.window(8);
          bare(MESSAGE.haveAll, MESSAGE.unchoke)(stage);
        },
        is: { isEndgame: false, requestsOut: 8 },
        letters: "D=",
      },
      // All but what may be on its way already is taken back.
      { act: (stage) => stage.rivalHelps(), is: { isEndgame: true, requestsOut: 2 }, letters: "DG=" },
      { act: (stage) => stage.rivalsLeave(), is: { isEndgame: false, requestsOut: 8 }, letters: "D=" },
    ],
  },
];
