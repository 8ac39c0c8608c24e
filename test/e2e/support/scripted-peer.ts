import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** What a scripted peer is told to be. It speaks BEP 3 and nothing more. */
export interface Script {
  /** 8 characters, as in `-TR4060-`. */
  readonly idPrefix: string;
  readonly infoHash: Buffer;
  /** Whether it has each piece. */
  readonly pieces: readonly boolean[];
  /** It wants what we have. */
  readonly isInterested?: boolean;
  /** The eight reserved bytes of its handshake; none is set when absent. */
  readonly reserved?: readonly number[];
  /** It serves its pieces, out of the whole content; else it never unchokes. */
  readonly serves?: { readonly content: Buffer; readonly pieceLength: number };
  /** Of what it serves, blocks that it lets itself be asked for and never gives. */
  readonly withholds?: (block: number) => boolean;
}

/** A block has this many bytes. */
const BLOCK = 16 * 1024;

/** A message as it passed. */
export interface Passed {
  readonly id: number;
  readonly payload: Buffer;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const MESSAGE = { unchoke: 1, interested: 2, bitfield: 5, request: 6, piece: 7, cancel: 8 } as const;
const HANDSHAKE = 68;

/** A peer that listens on loopback and does as it is told, so that a test knows what must be seen of it. */
export class ScriptedPeer {
  /** What it said and heard since its handshake, but for keep-alives. */
  readonly said: Passed[] = [];
  readonly heard: Passed[] = [];
  readonly #script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Blocks that it is asked for and has not given, and those that it gave: `piece/block`. */
  readonly asked = new Set<string>();
  readonly given = new Set<string>();

  private constructor(script: Script, server: Server) {
    this.#script = script;
    this.#server = server;
    server.on("connection", (socket) => this.#greet(socket));
  }

  static async start(script: Script): Promise<ScriptedPeer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedPeer(script, server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pieces(): readonly boolean[] {
    return this.#script.pieces;
  }

  /** Says something to everybody who is connected. */
  say(id: number, ...payload: readonly Buffer[]): Passed {
    for (const socket of this.#sockets) socket.write(message(id, ...payload));
    const passed = { id, payload: Buffer.concat(payload), at: Date.now() };
    this.said.push(passed);
    return passed;
  }

  /** Ends every connection, and goes on listening. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** Sends a bitfield that is one byte short. */
  breakProtocol(): void {
    for (const socket of this.#sockets)
      socket.write(message(MESSAGE.bitfield, bitfield(this.#script.pieces).subarray(1)));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #greet(socket: Socket): void {
    const { idPrefix, infoHash, pieces, isInterested, serves, reserved = [] } = this.#script;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // Whoever connects may leave as it likes.
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    let isGreeted = false;
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (!isGreeted) {
        if (received.length < HANDSHAKE) return;
        received = received.subarray(HANDSHAKE);
        isGreeted = true;
        socket.write(
          Buffer.concat([
            Buffer.from("\x13BitTorrent protocol"),
            Buffer.concat([Buffer.from(reserved), Buffer.alloc(8)], 8),
            infoHash,
            Buffer.from(idPrefix.padEnd(20, "0")),
            message(MESSAGE.bitfield, bitfield(pieces)),
            ...(isInterested ? [message(MESSAGE.interested)] : []),
            ...(serves ? [message(MESSAGE.unchoke)] : []),
          ]),
        );
      }
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
        const end = 4 + received.readUInt32BE();
        this.#heard(socket, received.subarray(4, end));
        received = received.subarray(end);
      }
    });
  }

  #heard(socket: Socket, body: Buffer): void {
    if (body.length > 0) this.heard.push({ id: body[0] as number, payload: body.subarray(1), at: Date.now() });
    const { serves, pieces, withholds } = this.#script;
    if (serves === undefined || (body[0] !== MESSAGE.request && body[0] !== MESSAGE.cancel)) return;
    const [piece, begin, length] = [body.readUInt32BE(1), body.readUInt32BE(5), body.readUInt32BE(9)];
    const block = `${piece}/${begin / BLOCK}`;
    if (body[0] === MESSAGE.cancel) this.asked.delete(block);
    else this.asked.add(block);
    if (body[0] === MESSAGE.cancel || !pieces[piece] || withholds?.(begin / BLOCK)) return;
    this.asked.delete(block);
    this.given.add(block);
    const at = piece * serves.pieceLength + begin;
    socket.write(message(MESSAGE.piece, body.subarray(1, 9), serves.content.subarray(at, at + length)));
  }
}

function message(id: number, ...payload: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.of(id), ...payload]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** High bit first, spare bits zero. */
function bitfield(pieces: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(pieces.length / 8));
  pieces.forEach((has, piece) => {
    if (has) bytes[piece >> 3] = (bytes[piece >> 3] as number) | (0x80 >> (piece & 7));
  });
  return bytes;
}
