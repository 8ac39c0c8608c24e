import { createHash } from "node:crypto";
import { decodeMessage } from "../../../core/dht/decode.ts";
import { Dht } from "../../../core/dht/dht.ts";
import { type AnswerFields, encodeAnswer, encodeQuery, type Sender } from "../../../core/dht/encode.ts";
import type { Answer, Family, Message, Query, Question } from "../../../core/dht/message.ts";
import type { DhtState } from "../../../core/dht/state.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { seededRandom } from "../../../core/model/random.ts";
import type { Millis, Timestamp } from "../../../core/model/units.ts";
import { isSignedBy } from "../../../core/runtime/signature.ts";

export const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha1").update(bytes).digest());

/** 20 bytes that begin with `first` and end in zeros. */
export function name(...first: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(first);
  return bytes;
}

export const VERSION = Uint8Array.of(0x58, 0x58, 0, 1);

export interface Sent {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
  readonly message: Message;
}

/** One DHT of ours in a network that the test plays. */
export class LoneDht {
  readonly dht: Dht;
  readonly sent: Sent[] = [];
  now: Timestamp = 1_700_000_000_000;

  constructor(families: readonly Family[] = ["ipv4"], state?: DhtState, seed = 1) {
    this.dht = new Dht({
      families,
      random: seededRandom(seed),
      sha1,
      version: VERSION,
      verify: isSignedBy,
      ...(state === undefined ? {} : { state }),
      send: (bytes, to) => {
        const message = decodeMessage(bytes);
        if (message.kind === "fault") throw new Error(`we sent what we don't understand: ${message.words}`);
        this.sent.push({ bytes, to, message });
      },
    });
    this.dht.advance(this.now);
  }

  get view() {
    return this.dht.view(this.now);
  }

  wait(time: Millis): void {
    for (const until = this.now + time; this.now < until; ) {
      this.now = Math.min(until, this.now + 500);
      this.dht.advance(this.now);
    }
  }

  /** Forgets what was sent so far. @returns It. */
  taken(): Sent[] {
    return this.sent.splice(0);
  }

  receive(datagram: Uint8Array, from: Endpoint): Sent[] {
    this.taken();
    this.dht.received(datagram, from, this.now);
    return this.taken();
  }

  /** A query from outside. @returns What went back. */
  ask(from: Endpoint, question: Question, id = name(0xee, from.port & 0xff), options: Partial<Query> = {}): Sent[] {
    const sender: Sender = { id, version: VERSION, isReadOnly: options.isReadOnly ?? false };
    return this.receive(encodeQuery(sender, Uint8Array.of(7, 7), question, options.want), from);
  }

  /** Answers a query of ours as the one it went to. */
  answer({ message, to }: Sent, id: Uint8Array, fields: AnswerFields = {}, ourAddress?: Endpoint): void {
    const sender = { id, version: VERSION, isReadOnly: false };
    const address = ourAddress ?? { host: "127.0.0.1", port: 1 };
    this.dht.received(encodeAnswer(sender, message.transaction, address, fields), to, this.now);
  }

  /** Makes a node known: it is named, asked, and answers. */
  meet(endpoint: Endpoint, id: Uint8Array, ourAddress?: Endpoint): void {
    this.dht.addNode(endpoint);
    this.answer(this.nextTo(endpoint), id, {}, ourAddress);
  }

  /** Waits until something is sent to `endpoint`. */
  nextTo({ host, port }: Endpoint): Sent {
    this.taken();
    for (let tries = 0; tries < 2000; tries++) {
      this.wait(500);
      const sent = this.taken().find(({ to }) => to.host === host && to.port === port);
      if (sent !== undefined) return sent;
    }
    throw new Error("it was not asked");
  }
}

export function answerOf(sent: readonly Sent[]): Answer {
  const message = sent[0]?.message;
  if (message?.kind !== "answer") throw new Error(`no answer: ${JSON.stringify(message)}`);
  return message;
}
