import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { Dht } from "../../../core/dht/dht.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { isSignedBy } from "../../../core/runtime/signature.ts";

/** A node of the DHT on loopback that notes what it is sent: nobody else's, so that nothing of the engine is shared. */
export class DhtNode {
  readonly dht: Dht;
  readonly port: number;
  /** Each datagram as latin1, oldest first. */
  readonly received: string[] = [];
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    this.dht = new Dht({
      families: ["ipv4"],
      random: seededRandom(this.port),
      sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
      verify: isSignedBy,
      version: Uint8Array.of(0x58, 0x58, 0, 1),
      send: (datagram, to) => socket.send(datagram, to.port, to.host),
    });
    socket.on("message", (datagram, { address, port }) => {
      this.received.push(datagram.toString("latin1"));
      this.dht.received(datagram, { host: address, port }, Date.now());
    });
    this.#advance();
  }

  static async open(): Promise<DhtNode> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return new DhtNode(socket);
  }

  /** It was asked for this torrent, or told of it. */
  hasHeardOf(infoHash: Uint8Array): boolean {
    const name = Buffer.from(infoHash).toString("latin1");
    return this.received.some((datagram) => datagram.includes(name));
  }

  get stored(): number {
    return this.dht.view(Date.now()).stored.peers;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #advance(): void {
    const now = Date.now();
    this.#timer = setTimeout(() => this.#advance(), Math.max(1, this.dht.advance(now) - now));
  }
}
