import type { Socket } from "node:net";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import type { GonePeer, PeerFace } from "../../../core/model/peer-face.ts";
import type { Content } from "../../sim/support/content.ts";
import { type EngineFixture, freshContent, newPeerId } from "./engine-fixture.ts";
import { RawListener, RawPeer } from "./raw-peer.ts";
import { dialUtp, UtpListener, type UtpStream } from "./utp-stream.ts";

export type AnyPeer = RawPeer<Socket | UtpStream>;
type Seen = Pick<PeerFace, "phase" | "lastSeenAt">;

/** The extension protocol and the fast extension. */
export const BOTH = [0, 0, 0, 0, 0, 0x10, 0, 4];

/** One torrent of the engine, and scripted peers that meet it over one transport. */
export class Scene {
  readonly fixture: EngineFixture;
  readonly transport: "tcp" | "utp";
  readonly content: Content;
  readonly torrent: TorrentId;
  /** With their ports, which a closed socket forgets. */
  readonly #peers = new Map<AnyPeer, number>();
  readonly #listeners: (RawListener | UtpListener)[] = [];

  private constructor(fixture: EngineFixture, transport: "tcp" | "utp", content: Content, torrent: TorrentId) {
    this.fixture = fixture;
    this.transport = transport;
    this.content = content;
    this.torrent = torrent;
  }

  /** @param isMagnet - The engine knows no more of it than its info hash. */
  static async open(fixture: EngineFixture, transport: "tcp" | "utp", isMagnet = false): Promise<Scene> {
    const content = freshContent();
    return new Scene(fixture, transport, content, await fixture.add(content, isMagnet));
  }

  get infoHash(): Buffer {
    return Buffer.from(this.torrent, "hex");
  }

  /** Dials the engine. */
  async call(): Promise<AnyPeer> {
    const { listenPort } = this.fixture;
    const peer: AnyPeer = this.transport === "tcp" ? await RawPeer.dial(listenPort) : await dialUtp(listenPort);
    this.#peers.set(peer, peer.socket.localPort as number);
    return peer;
  }

  /** Dials the engine and gets through the handshake. */
  async enter(reserved: readonly number[] = BOTH, peerId = newPeerId()): Promise<AnyPeer> {
    const peer = await this.call();
    peer.shake(this.infoHash, peerId, reserved);
    await peer.handshake;
    return peer;
  }

  /** Waits to be dialled by the engine, which is told where. @returns The port. */
  async host(accept: (peer: AnyPeer) => void): Promise<number> {
    const listener = await (this.transport === "tcp" ? RawListener : UtpListener).open((peer: AnyPeer) => {
      this.#peers.set(peer, peer.socket.localPort as number);
      accept(peer);
    });
    this.#listeners.push(listener);
    await this.fixture.connect(this.torrent, listener.port);
    return listener.port;
  }

  /** The only peer that was hosted. */
  get hosted(): AnyPeer {
    const [peer] = this.#peers.keys();
    if (peer === undefined) throw new Error("the engine has not dialled");
    return peer;
  }

  portOf(peer: AnyPeer): number {
    return this.#peers.get(peer) as number;
  }

  gone(peer: AnyPeer | number): Promise<GonePeer> {
    return this.fixture.gone(this.torrent, typeof peer === "number" ? peer : this.portOf(peer));
  }

  refused(peer: AnyPeer): Promise<GonePeer> {
    return this.fixture.refused(this.portOf(peer));
  }

  /** Waits until the engine's view of the peer is as wanted. @returns Its number. */
  seen(peer: AnyPeer, isSo: (face: Seen) => boolean): Promise<number> {
    const port = this.portOf(peer);
    return this.fixture.seen(() => {
      for (const face of this.fixture.details(this.torrent).peers?.values() ?? []) {
        if (face.port === port && isSo(face)) return face.id;
      }
      return undefined;
    });
  }

  /** Nothing of it is left in the engine. */
  async close(): Promise<void> {
    for (const { socket } of this.#peers.keys()) socket.destroy();
    for (const listener of this.#listeners) await listener.close();
    await this.fixture.command({ kind: "remove", torrent: this.torrent, withData: true });
    await this.fixture.seen(({ session }) => session?.connections === 0 || undefined);
  }
}
