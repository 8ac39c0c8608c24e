import type { TextClone } from "./text-clone.ts";

/**
 * Two functions that run in Chromium, as text, before the page's own scripts: one in the page's world, one in the
 * preload's. The worlds share the document but no objects; what crosses between them are events with plain details.
 * Each may name nothing outside of itself.
 */

/** What main tells the preload's world. */
export type ToPreload =
  | { readonly kind: "reply"; readonly id: number; readonly value?: unknown; readonly error?: string }
  | {
      readonly kind: "message";
      readonly channel: string;
      readonly given: readonly unknown[];
      readonly ports: readonly number[];
    }
  | { readonly kind: "port"; readonly port: number; readonly data: unknown }
  | { readonly kind: "port-closed"; readonly port: number }
  | { readonly kind: "files"; readonly files: readonly { readonly key: string; readonly path: string }[] };

/** What the preload's world tells main. */
export type FromPreload =
  | { readonly kind: "send"; readonly channel: string; readonly given: readonly unknown[] }
  | { readonly kind: "invoke"; readonly id: number; readonly channel: string; readonly given: readonly unknown[] }
  | { readonly kind: "port"; readonly port: number; readonly data: unknown }
  | { readonly kind: "port-closed"; readonly port: number };

/** How a value of the preload looks from the page: a function by its number, an object by its fields. */
type Shape = { fn: number } | { fields: [string, Shape][] } | { value: unknown };
type Argument = { callback: number } | { value: unknown };

/** The page's world: builds what `contextBridge` exposes, and calls back and forth. */
export function pageWorld(nonce: string): void {
  let last = 0;
  const callbacks = new Map<number, (...given: unknown[]) => void>();
  const promises = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const fire = (name: string, detail: unknown) => window.dispatchEvent(new CustomEvent(nonce + name, { detail }));
  const hear = <T>(name: string, listener: (detail: T) => void) =>
    window.addEventListener(nonce + name, (event) => listener((event as CustomEvent<T>).detail));

  const call = (fn: number, given: unknown[]): unknown => {
    const id = ++last;
    const packed: Argument[] = given.map((argument) => {
      if (typeof argument !== "function") return { value: argument };
      callbacks.set(++last, argument as () => void);
      return { callback: last };
    });
    let result: { value?: unknown; promise?: number; error?: string } = {};
    window.addEventListener(`${nonce}returned${id}`, (event) => (result = (event as CustomEvent).detail), {
      once: true,
    });
    // Events are delivered before dispatchEvent returns, so the answer is there.
    fire("call", { id, fn, given: packed });
    if (result.error !== undefined) throw new Error(result.error);
    const { promise } = result;
    if (promise === undefined) return result.value;
    return new Promise((resolve, reject) => promises.set(promise, { resolve, reject }));
  };
  const revive = (shape: Shape): unknown => {
    if ("fn" in shape) return (...given: unknown[]) => call(shape.fn, given);
    if ("value" in shape) return shape.value;
    return Object.freeze(Object.fromEntries(shape.fields.map(([name, inner]) => [name, revive(inner)])));
  };

  hear<{ name: string; shape: Shape }>("expose", ({ name, shape }) => {
    Object.defineProperty(window, name, { value: revive(shape), enumerable: true });
  });
  hear<{ promise: number; value?: unknown; error?: string }>("settle", ({ promise, value, error }) => {
    const waiting = promises.get(promise);
    promises.delete(promise);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  });
  hear<{ callback: number; given: unknown[] }>("callback", ({ callback, given }) =>
    callbacks.get(callback)?.(...given),
  );
}

/** The preload's world: runs the preload with a `require("electron")` of its own. */
export function preloadWorld(
  nonce: string,
  clone: TextClone,
  sendText: (text: string) => void,
  preload: (require: (name: string) => unknown, module: { exports: object }, exports: object) => void,
): void {
  let last = 0;
  const functions = new Map<number, (...given: unknown[]) => unknown>();
  const replies = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const ports = new Map<number, MessagePort>();
  const listeners = new Map<string, ((event: unknown, ...given: unknown[]) => void)[]>();
  const paths = new Map<string, string>();
  const fire = (name: string, detail: unknown) => window.dispatchEvent(new CustomEvent(nonce + name, { detail }));
  const tell = (message: FromPreload) => sendText(clone.toText(message));

  const shapeOf = (value: unknown): Shape => {
    if (typeof value === "function") {
      functions.set(++last, value as () => unknown);
      return { fn: last };
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return { value };
    return { fields: Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]) };
  };
  window.addEventListener(`${nonce}call`, (event) => {
    const { id, fn, given } = (event as CustomEvent<{ id: number; fn: number; given: Argument[] }>).detail;
    const unpacked = given.map((argument) =>
      "callback" in argument
        ? (...inner: unknown[]) => fire("callback", { callback: argument.callback, given: inner })
        : argument.value,
    );
    try {
      const value = functions.get(fn)?.(...unpacked);
      if (!(value instanceof Promise)) return void fire(`returned${id}`, { value });
      const promise = ++last;
      fire(`returned${id}`, { promise });
      value.then(
        (settled) => fire("settle", { promise, value: settled }),
        (error: Error) => fire("settle", { promise, error: error.message }),
      );
    } catch (error) {
      fire(`returned${id}`, { error: (error as Error).message });
    }
  });

  /** A port that main gave: one end for the page, the other relayed. */
  const adopt = (id: number): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    ports.set(id, port2);
    port2.onmessage = ({ data }) => tell({ kind: "port", port: id, data });
    port2.addEventListener("close", () => tell({ kind: "port-closed", port: id }));
    return port1;
  };
  const heard = (text: string) => {
    const message = clone.fromText(text) as ToPreload;
    switch (message.kind) {
      case "reply": {
        const waiting = replies.get(message.id);
        replies.delete(message.id);
        if (message.error === undefined) waiting?.resolve(message.value);
        else waiting?.reject(new Error(message.error));
        break;
      }
      case "message": {
        const event = { sender: ipcRenderer, ports: message.ports.map(adopt) };
        for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.given);
        break;
      }
      case "port":
        ports.get(message.port)?.postMessage(message.data);
        break;
      case "port-closed":
        ports.get(message.port)?.close();
        ports.delete(message.port);
        break;
      case "files":
        for (const { key, path } of message.files) paths.set(key, path);
        break;
    }
  };
  Object.assign(globalThis, { standinHeard: heard });

  const ipcRenderer = {
    send: (channel: string, ...given: unknown[]) => tell({ kind: "send", channel, given }),
    invoke: (channel: string, ...given: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        replies.set(id, { resolve, reject });
        tell({ kind: "invoke", id, channel, given });
      }),
    on: (channel: string, listener: (event: unknown, ...given: unknown[]) => void) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
  };
  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => fire("expose", { name, shape: shapeOf(value) }),
    },
    webUtils: { getPathForFile: (file: File) => paths.get(`${file.name} ${file.size}`) ?? "" },
  };
  const require = (name: string) => {
    if (name === "electron") return electron;
    throw new Error(`module not found: ${name}`);
  };
  preload(require, { exports: {} }, {});
}
