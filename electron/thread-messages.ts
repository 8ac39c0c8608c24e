import type { MessagePort } from "node:worker_threads";

/** What the engine's thread is started with. */
export interface ThreadOptions {
  readonly stateFolder: string;
  /** Starts a swarm of its own on loopback, with a torrent to watch. */
  readonly isDemo: boolean;
}

/**
 * From the main process to the engine's thread. Each interface has a port of its own; it carries `encodeMessage`
 * bytes, as the web host's socket does. Closing it is leaving.
 */
export type ToThread = { readonly kind: "connect"; readonly port: MessagePort } | { readonly kind: "stop" };

/** `stopped` is the last. An engine that can't start or fails throws, which ends the thread with an error. */
export type FromThread = { readonly kind: "ready" } | { readonly kind: "stopped" };
