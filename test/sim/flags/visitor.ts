import type { Closing } from "../../../core/model/close-reason.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import type { Direction, Transport } from "../../../core/model/peer-face.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { type Method, MseInitiator, type MseProgress, MseResponder } from "../../../core/mse/handshake.ts";
import type { Rc4 } from "../../../core/mse/rc4.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { UtpLink } from "../../../core/runtime/net/utp-link.ts";
import type { UtpConnection } from "../../../core/utp/connection.ts";
import { encodeHandshake } from "../../../core/wire/handshake.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";
import { SECOND } from "../support/measures.ts";
import type { Machine } from "../support/world.ts";
import { couple, type Host, type Stream } from "../utp/datagrams.ts";

/** One of the four ways to be connected. */
export interface Way {
  readonly direction: Direction;
  readonly transport: Transport;
}

export const WAYS: readonly Way[] = (["incoming", "outgoing"] as const).flatMap((direction) =>
  (["tcp", "utp"] as const).map((transport) => ({ direction, transport })),
);

/** Long enough for anything said to arrive. */
const TRIP = 10;
const HANDSHAKE_LENGTH = 68;
export const RESERVED = [0, 0, 0, 0, 0, 0x10, 0, 4];
let lastNumber = 0;

/** A peer whose every byte the test chooses, met by a machine in any of four ways: over uTP in real datagrams. */
export class Visitor implements PeerLink {
  readonly machine: Machine;
  readonly way: Way;
  readonly endpoint: Endpoint = { host: "192.0.2.1", port: 1 };
  readonly peerId = Buffer.from(`-XX0001-${String(++lastNumber).padStart(12, "0")}`);
  backlog = 0;
  /** What it does with a request. */
  onRequest: (piece: number, begin: number, length: number) => void = () => undefined;
  #peer: Peer | undefined;
  #stream: Stream | undefined;
  #mse: MseInitiator | MseResponder | undefined;
  #encrypt: Rc4 | undefined;
  #decrypt: Rc4 | undefined;
  #heard = Buffer.alloc(0);
  #isGreeted = false;

  constructor(machine: Machine, way: Way) {
    this.machine = machine;
    this.way = way;
  }

  /** The connection as the machine sees it. */
  get peer(): Peer {
    if (this.#peer === undefined) throw new Error("they have not met");
    return this.#peer;
  }

  /** Over the connection and through both handshakes. */
  static meet(machine: Machine, way: Way): Visitor {
    const visitor = new Visitor(machine, way);
    if (way.direction === "outgoing") visitor.know();
    visitor.connect();
    visitor.greet();
    return visitor;
  }

  /** The machine learns of it and would dial it. */
  know(): void {
    const { swarm } = this.machine.torrent;
    swarm.learn(this.endpoint, { kind: "resume" });
    swarm.queueDials(() => this.machine.session.nextPeerId(), this.machine.now);
    this.#peer = [...swarm.peers].find(({ host, phase }) => host === this.endpoint.host && phase === "queued");
    this.peer.transport = this.way.transport;
  }

  /** The machine's dial begins. */
  dial(): void {
    this.machine.torrent.swarm.nextDial(this.machine.now);
  }

  /** One dials the other and gets through. Who comes over uTP is seen with its first byte. */
  connect(): void {
    const { machine, way } = this;
    if (way.direction === "incoming") {
      if (way.transport === "utp") return this.#dialOverUtp();
      this.#peer = machine.session.accept(this.endpoint, "tcp", this, machine.now);
      return;
    }
    if (this.peer.phase === "queued") this.dial();
    if (way.transport === "utp") this.#awaitOverUtp();
    else this.peer.connected(this, machine.now);
    machine.world.run(TRIP);
  }

  /** Its handshake, or a part of it. */
  greet(from = 0, to = HANDSHAKE_LENGTH): void {
    this.hear(this.#handshake().subarray(from, to));
  }

  /** The handshake of both sides, after that of their encryption. @param method - What it wants to be spoken then. */
  greetEncrypted(method: Method): void {
    const options = { sha1: nodeDigest.sha1, random: seededRandom(3), methods: method };
    const infoHash = Buffer.from(this.machine.torrent.id, "hex");
    if (this.way.direction === "incoming") {
      const mse = new MseInitiator(options, infoHash, this.#handshake());
      this.#mse = mse;
      this.hear(mse.begin());
    } else {
      const mse = new MseResponder({ ...options, preferred: method }, () => [infoHash]);
      this.#mse = mse;
      const first = this.#heard;
      this.#heard = Buffer.alloc(0);
      this.#progress(mse.receive(first));
    }
    this.machine.world.run(SECOND);
    if (this.way.direction === "outgoing") this.greet();
  }

  say(write: (writer: MessageWriter) => void): void {
    const writer = new MessageWriter();
    write(writer);
    this.hear(writer.take());
  }

  /** Bytes of it arrive. */
  hear(bytes: Uint8Array): void {
    const copy = Uint8Array.from(bytes);
    this.#encrypt?.apply(copy);
    if (this.#stream === undefined) this.peer.receive(copy, this.machine.now);
    else this.#stream.write(copy);
    this.machine.world.run(TRIP);
  }

  hangUp(): void {
    const closing: Closing = { reason: "closed-by-peer", by: "peer", detail: "it ended the connection" };
    if (this.#stream === undefined) this.peer.disconnected(closing, this.machine.now);
    else this.#stream.close();
    this.machine.world.run(TRIP);
  }

  // PeerLink, over TCP.

  send(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.machine.world.clock.after(1, () => this.#listen(copy));
  }

  sendBlock(header: Uint8Array, block: Uint8Array, released: () => void): void {
    this.send(header);
    this.send(block);
    released();
  }

  close(): void {
    // It hears of it by silence.
  }

  #handshake(): Uint8Array {
    const infoHash = Buffer.from(this.machine.torrent.id, "hex");
    return encodeHandshake({ reserved: Uint8Array.from(RESERVED), infoHash, peerId: this.peerId });
  }

  #hosts(): { readonly own: Host; readonly machines: Host } {
    const { clock } = this.machine.world;
    const { a, b } = couple(clock, lastNumber, { latency: 1 });
    return { own: a, machines: b };
  }

  #dialOverUtp(): void {
    const { machine } = this;
    const { own, machines } = this.#hosts();
    machines.onAccept = (stream) => {
      const link = this.#linkOf(stream);
      this.#peer = machine.session.accept(this.endpoint, "utp", link, machine.now);
      this.#feed(stream);
    };
    this.#stream = own.dial(machines);
    this.#stream.onReceived = (bytes) => this.#listen(bytes);
    machine.world.run(TRIP);
  }

  #awaitOverUtp(): void {
    const { machine } = this;
    const { own, machines } = this.#hosts();
    own.onAccept = (stream) => {
      this.#stream = stream;
      stream.onReceived = (bytes) => this.#listen(bytes);
    };
    const stream = machines.dial(own);
    stream.connected = () => this.peer.connected(this.#linkOf(stream), machine.now);
    this.#feed(stream);
  }

  #linkOf(stream: Stream): PeerLink {
    return new UtpLink(stream.connection as UtpConnection, () => stream.host.now);
  }

  #feed(stream: Stream): void {
    const { machine } = this;
    stream.onReceived = (bytes) => this.peer.receive(bytes, machine.now);
    stream.closed = () => {
      const closing: Closing = { reason: "closed-by-peer", by: "peer", detail: "it ended the connection" };
      this.peer.disconnected(closing, machine.now);
    };
  }

  #listen(bytes: Uint8Array): void {
    if (this.#mse !== undefined) return this.#progress(this.#mse.receive(bytes.slice()));
    const copy = Buffer.from(bytes);
    this.#decrypt?.apply(copy);
    this.#heard = Buffer.concat([this.#heard, copy]);
    if (!this.#isGreeted && this.#heard.length >= HANDSHAKE_LENGTH && this.#heard[0] === 19) {
      this.#isGreeted = true;
      this.#heard = this.#heard.subarray(HANDSHAKE_LENGTH);
    }
    while (this.#isGreeted && this.#heard.length >= 4) {
      const length = this.#heard.readUInt32BE(0);
      if (this.#heard.length < 4 + length) return;
      const body = this.#heard.subarray(4, 4 + length);
      this.#heard = this.#heard.subarray(4 + length);
      if (body[0] !== MESSAGE.request) continue;
      const [piece, begin, asked] = [1, 5, 9].map((at) => body.readUInt32BE(at)) as [number, number, number];
      this.onRequest(piece, begin, asked);
    }
  }

  #progress(progress: MseProgress): void {
    if (progress.kind === "fault") throw new Error(progress.detail);
    if (progress.send !== undefined) this.#tell(progress.send);
    if (progress.kind === "more") return;
    this.#mse = undefined;
    this.#encrypt = progress.outcome.encrypt;
    this.#decrypt = undefined;
    this.#listen(progress.outcome.rest);
    this.#decrypt = progress.outcome.decrypt;
  }

  /** Bytes of the encrypted handshake, which are not encrypted again. */
  #tell(bytes: Uint8Array): void {
    if (this.#stream !== undefined) this.#stream.write(bytes);
    else this.machine.world.clock.after(1, () => this.peer.receive(bytes.slice(), this.machine.now));
  }
}
