import fc from "fast-check";
import { expect, test } from "vitest";
import { CLOSE_REASONS } from "../../../core/model/close-reason.ts";
import { peerFace } from "../../../core/peer/face.ts";
import type { OutRequest } from "../../../core/peer/request-window.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import type { MessageWriter } from "../../../core/wire/writer.ts";
import { makeContent } from "../../sim/support/content.ts";
import { checkSession } from "../../sim/support/invariants.ts";
import { KIB } from "../../sim/support/measures.ts";
import { ScriptedPeer } from "../../sim/support/scripted.ts";
import { type Machine, World } from "../../sim/support/world.ts";

const BLOCK = 16 * KIB;
/** Two files of two pieces of three blocks. */
const content = makeContent([6 * BLOCK, 6 * BLOCK - 100], 3 * BLOCK, { seed: 44 });
const PIECES = content.metainfo.pieceCount;

type Step =
  | { readonly kind: "have" | "suggest" | "allow" | "ask" | "cancel"; readonly who: number; readonly piece: number }
  | { readonly kind: "field"; readonly who: number; readonly bits: number }
  | { readonly kind: "say"; readonly who: number; readonly id: number }
  | { readonly kind: "give" | "lie" | "reject"; readonly who: number; readonly which: number }
  | { readonly kind: "introduce"; readonly who: number; readonly text: string }
  | { readonly kind: "hang-up"; readonly who: number }
  | { readonly kind: "want"; readonly file: number; readonly is: boolean }
  | { readonly kind: "wait"; readonly time: number };

type Saying = Exclude<Step, { readonly kind: "hang-up" | "want" | "wait" }>;

const who = fc.nat(2);
// One past the last is a fault.
const piece = fc.oneof({ weight: 60, arbitrary: fc.nat(PIECES - 1) }, { weight: 1, arbitrary: fc.constant(PIECES) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("have", "suggest", "allow", "ask", "cancel"), who, piece }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("field"), who, bits: fc.nat(255) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("say"), who, id: fc.constantFrom(0, 1, 1, 1, 1, 2, 3, 14, 14, 14, 15) }),
  },
  { weight: 30, arbitrary: fc.record({ kind: fc.constant("give"), who, which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("lie", "reject"), who, which: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("introduce"),
      who,
      text: fc.constantFrom("d11:upload_onlyi1ee", "d11:upload_onlyi0ee", "d4:reqqi1ee", "d1:pi7ee", "d1:"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hang-up"), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("want"), file: fc.nat(1), is: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait"), time: fc.integer({ min: 1, max: 30_000 }) }) },
) as fc.Arbitrary<Step>;

/** A scripted peer whose bytes arrive in pieces of these lengths, and that watches what it is asked. */
class Cut extends ScriptedPeer {
  static cuts: readonly number[] = [];
  /** Of requests that were under way elsewhere, those that came before the endgame. */
  early = 0;

  override hear(bytes: Uint8Array): void {
    const { cuts } = Cut;
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = cuts[turn % cuts.length] ?? bytes.length;
      super.hear(bytes.subarray(at, at + length));
      at += length;
    }
  }

  override send(bytes: Uint8Array): void {
    const before = this.said.length;
    super.send(bytes);
    const { ledger, peers } = this.machine.torrent.swarm;
    for (const { id, payload } of this.said.slice(before)) {
      if (id !== MESSAGE.request || ledger.isEndgame) continue;
      const [index, begin] = [payload.readUInt32BE(0), payload.readUInt32BE(4)];
      for (const other of peers) if (other !== this.peer && other.window.has(index, begin / BLOCK)) this.early++;
    }
  }
}

/** Three peers and a machine that downloads, in a conversation. */
class Conversation {
  readonly world = new World(5);
  readonly machine: Machine;
  readonly all: Cut[] = [];
  readonly #here: (Cut | undefined)[] = [];

  constructor() {
    this.world.checkEvery = Number.POSITIVE_INFINITY;
    this.machine = this.world.machine();
    this.machine.share(content, { has: [0] });
  }

  /** The peer with this number; another one when it is gone. */
  #peer(number: number): Cut {
    const known = this.#here[number];
    if (known !== undefined && !known.peer.isClosed) return known;
    const peer = new Cut(this.machine, this.all.length + 1);
    this.all.push(peer);
    this.#here[number] = peer;
    return peer;
  }

  do(one: Step): void {
    if (one.kind === "wait") this.world.run(one.time);
    else if (one.kind === "want") this.machine.torrent.wantFiles([one.file], one.is, this.machine.now);
    else if (one.kind === "hang-up") {
      const peer = this.#peer(one.who);
      if (!peer.peer.isClosed) peer.hangUp();
    } else {
      const peer = this.#peer(one.who);
      if (!peer.peer.isClosed) peer.say((writer) => write(writer, one, peer.peer.window.outstanding));
    }
  }

  /** What must hold between any two steps. */
  check(): void {
    const { session, torrent } = this.machine;
    checkSession(session, true);
    const remembered = new Map([...torrent.gone, ...session.refused].map((gone) => [gone.peer, gone]));
    for (const { peer, said, early } of this.all) {
      expect(early).toBe(0);
      const told = said.filter(({ id }) => id === MESSAGE.interested || id === MESSAGE.notInterested);
      if (!peer.isClosed) {
        expect(told.at(-1)?.id === MESSAGE.interested).toBe(peer.weAreInterested);
        expect(peer.closing).toBeUndefined();
        continue;
      }
      expect(peer.closing?.detail).not.toBe("");
      expect(CLOSE_REASONS).toHaveProperty(peer.closing?.reason ?? "none");
      expect(remembered.get(peer.id)).toMatchObject({ ...peer.closing });
    }
  }
}

function write(writer: MessageWriter, one: Saying, outstanding: readonly OutRequest[]): void {
  switch (one.kind) {
    case "have":
      return writer.piece(MESSAGE.have, one.piece);
    case "suggest":
      return writer.piece(MESSAGE.suggest, one.piece);
    case "allow":
      return writer.piece(MESSAGE.allowedFast, one.piece);
    case "ask":
      return writer.block(MESSAGE.request, one.piece, 0, BLOCK);
    case "cancel":
      return writer.block(MESSAGE.cancel, one.piece, 0, BLOCK);
    case "field":
      return writer.payload(MESSAGE.bitfield, Uint8Array.of(one.bits));
    case "say":
      return writer.bare(one.id);
    case "introduce":
      return writer.payload(MESSAGE.extended, Uint8Array.of(0), Buffer.from(one.text));
    default: {
      const asked = outstanding[one.which % Math.max(1, outstanding.length)];
      if (asked === undefined) return writer.keepAlive();
      const begin = asked.block * BLOCK;
      if (one.kind === "reject") return writer.block(MESSAGE.reject, asked.piece, begin, asked.length);
      const at = asked.piece * content.metainfo.pieceLength + begin;
      const bytes = content.bytes.slice(at, at + asked.length);
      if (one.kind === "lie") bytes.fill(0xbd);
      writer.blockHeader(asked.piece, begin, asked.length);
      return writer.raw(bytes);
    }
  }
}

test("whatever is said, interest is what it must be and was told, nothing is asked twice before the endgame, and who goes has a reason", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
      Cut.cuts = [];
      const conversation = new Conversation();
      for (const one of steps) {
        conversation.do(one);
        conversation.check();
      }
    }),
    { numRuns: 150 },
  );
});

test("a conversation is the same however its bytes are cut", () => {
  const transcript = (steps: readonly Step[], cuts: readonly number[]) => {
    Cut.cuts = cuts;
    const conversation = new Conversation();
    for (const one of steps) conversation.do(one);
    return conversation.all.map(({ peer, said }) => ({
      said: said.map(({ id, payload, at }) => `${at} ${id} ${payload.toString("hex").slice(0, 40)}`),
      face: { ...peerFace(peer), downRate: 0 },
      closing: peer.closing,
    }));
  };
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 100, size: "max" }),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 }),
      (steps, cuts) => {
        expect(transcript(steps, cuts)).toEqual(transcript(steps, []));
      },
    ),
    { numRuns: 60 },
  );
});
