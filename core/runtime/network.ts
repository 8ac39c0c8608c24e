import type { Closing } from "../model/close-reason.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Timestamp } from "../model/units.ts";
import type { Peer } from "../peer/peer.ts";
import type { Session } from "../session/session.ts";
import { dialTcp, type Listener, listenTcp } from "./net/tcp.ts";
import type { TcpLink } from "./net/tcp-link.ts";

/** Ties sockets to the session's peers. */
export class Network {
  readonly #session: () => Session;
  readonly #now: () => Timestamp;
  readonly #bindHost: string | undefined;
  #listener: Listener | undefined;

  /** @param session - Later than this object, hence a call. */
  constructor(session: () => Session, now: () => Timestamp, bindHost: string | undefined) {
    this.#session = session;
    this.#now = now;
    this.#bindHost = bindHost;
  }

  /** Listens on `port`, 0 for any, instead of where it did. @returns In words why it can't. */
  async listen(port: number): Promise<string | undefined> {
    await this.close();
    try {
      this.#listener = await listenTcp(this.#bindHost, port, (from, link) => this.#accept(from, link));
      this.#session().listenPort = this.#listener.port;
      return undefined;
    } catch (error) {
      this.#session().listenPort = undefined;
      const words = error instanceof Error ? error.message : String(error);
      return `Nobody can connect to us: ${words}. Choose another port in the settings.`;
    }
  }

  /** Stops listening; connections live on. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    // Resolves when the last accepted socket is gone, which is not what is waited for here.
    void listener?.close();
    await Promise.resolve();
  }

  dial(peer: Peer): () => void {
    return dialTcp(peer, this.#bindHost, {
      connected: (link) => peer.connected(link, this.#now()),
      received: (chunk) => peer.receive(chunk, this.#now()),
      ended: (closing) => peer.disconnected(closing, this.#now()),
    });
  }

  #accept(from: Endpoint, link: TcpLink) {
    const session = this.#session();
    const peer = session.accept(from, link, this.#now());
    return {
      received: (chunk: Uint8Array) => peer.receive(chunk, this.#now()),
      ended: (closing: Closing) => peer.disconnected(closing, this.#now()),
    };
  }
}
