import type { Torrent } from "../../../core/session/torrent.ts";
import { EXTENDED } from "../../../core/wire/extended-id.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { encodePexMessage } from "../../../core/wire/pex-message.ts";
import type { Content } from "../support/content.ts";
import { KIB, SECOND } from "../support/measures.ts";
import { ScriptedPeer } from "../support/scripted.ts";
import { type Machine, World } from "../support/world.ts";
import { CONTENT, type Row } from "./rows.ts";
import { Visitor, type Way } from "./visitor.ts";

const BLOCK = 16 * KIB;

/** A machine, the peer that is looked at, and others where it takes more than one. */
export class Stage {
  readonly world = new World(1);
  readonly machine: Machine;
  readonly content: Content;
  readonly torrent: Torrent;
  readonly visitor: Visitor;
  readonly #rivals: ScriptedPeer[] = [];

  constructor(row: Row, way: Way) {
    this.content = row.content ?? CONTENT;
    this.machine = this.world.machine(row.machine);
    this.torrent = this.machine.share(this.content, row.share);
    this.visitor = row.isUnmet === true ? new Visitor(this.machine, way) : Visitor.meet(this.machine, way);
  }

  /** One more peer. */
  rival(): ScriptedPeer {
    const rival = new ScriptedPeer(this.machine, this.#rivals.length + 1);
    this.#rivals.push(rival);
    return rival;
  }

  /** Somebody else than a tracker names it. */
  find(kind: "dht" | "lsd"): void {
    this.torrent.found([this.visitor.endpoint], { kind }, this.machine.now);
  }

  /** Another peer names it. */
  rivalTells(): void {
    const added = [{ ...this.visitor.endpoint, flags: 0 }];
    this.rival().say((writer) =>
      writer.payload(MESSAGE.extended, Uint8Array.of(EXTENDED.ut_pex), encodePexMessage({ added, dropped: [] })),
    );
  }

  /** Lets time pass, in which everybody shows that it is there. */
  wait(time: number): void {
    const end = this.world.clock.now + time;
    while (this.world.clock.now < end) {
      this.visitor.say((writer) => writer.keepAlive());
      for (const rival of this.#rivals) rival.say((writer) => writer.keepAlive());
      this.world.run(Math.min(20 * SECOND, end - this.world.clock.now));
    }
  }

  want(file: number, isWanted: boolean): void {
    this.torrent.wantFiles([file], isWanted, this.machine.now);
  }

  /** How many requests it is sent at first. */
  window(target: number): void {
    this.visitor.peer.window.target = target;
  }

  /** The block that it was asked for first. */
  giveOldest(isRight = true): void {
    const { piece, block } = this.visitor.peer.window.outstanding[0] ?? { piece: 0, block: 0 };
    this.#give(this.visitor, piece, block, isRight);
  }

  /** The piece that was begun fails: another peer gives the rest of it, and lies. */
  failPiece(): void {
    const [partial] = this.torrent.swarm.ledger.partials.keys();
    const liar = this.rival();
    unchokeAsSeed(liar);
    for (let turn = 0; turn < 10 && this.visitor.peer.hashFailures === 0; turn++) {
      for (const giver of [this.visitor, liar]) {
        const asked = giver.peer.window.outstanding.find(({ piece }) => piece === partial);
        if (asked !== undefined) this.#give(giver, asked.piece, asked.block, giver === this.visitor);
      }
      this.world.run(100);
    }
    this.rivalsLeave();
  }

  /** It gives what it is asked for while it is on parole and there. */
  serve(isRight: boolean): void {
    for (let turn = 0; turn < 20 && this.visitor.peer.isOnParole && !this.visitor.peer.isClosed; turn++) {
      this.giveOldest(isRight);
      this.world.run(100);
    }
  }

  /** Another peer offers everything when this one has been late for a while. */
  rivalHelps(): void {
    this.wait(5 * SECOND);
    const rival = this.rival();
    rival.peer.window.target = 8;
    unchokeAsSeed(rival);
    this.wait(SECOND);
  }

  rivalsLeave(): void {
    for (const rival of this.#rivals.splice(0)) rival.hangUp();
    this.wait(SECOND);
  }

  #give(giver: Visitor | ScriptedPeer, piece: number, block: number, isRight: boolean): void {
    const begin = block * BLOCK;
    const at = piece * this.content.metainfo.pieceLength + begin;
    const bytes = this.content.bytes.slice(at, at + BLOCK);
    if (!isRight) bytes.fill(0xbd);
    giver.say((writer) => {
      writer.blockHeader(piece, begin, bytes.length);
      writer.raw(bytes);
    });
  }
}

function unchokeAsSeed(peer: ScriptedPeer): void {
  peer.say((writer) => {
    writer.bare(MESSAGE.haveAll);
    writer.bare(MESSAGE.unchoke);
  });
}
