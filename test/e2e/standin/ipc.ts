import { EventEmitter } from "node:events";

type Handler = (event: unknown, ...given: unknown[]) => unknown;

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, handler);
  }
}

export const ipcMain = new IpcMain();

/** One end of a channel. Messages wait until it is started, or until it crosses to a page. */
export class MessagePortMain extends EventEmitter {
  #partner: MessagePortMain | undefined;
  readonly #waiting: unknown[] = [];
  #deliver: ((data: unknown) => void) | undefined;
  #isClosed = false;

  entangle(partner: MessagePortMain): void {
    this.#partner = partner;
  }

  postMessage(data: unknown): void {
    this.#partner?.receive(data);
  }

  start(): void {
    this.deliverTo((data) => queueMicrotask(() => this.emit("message", { data, ports: [] })));
  }

  /** The page's end is elsewhere: what comes for it goes there. */
  deliverTo(deliver: (data: unknown) => void): void {
    this.#deliver = deliver;
    for (const data of this.#waiting.splice(0)) deliver(data);
  }

  receive(data: unknown): void {
    if (this.#deliver === undefined) this.#waiting.push(data);
    else this.#deliver(data);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.emit("close");
    this.#partner?.close();
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.entangle(this.port2);
    this.port2.entangle(this.port1);
  }
}
