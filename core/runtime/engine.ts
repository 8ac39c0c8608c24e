import type { FromEngine, SettingsChange, ToEngine } from "../contract/messages.ts";

export interface EngineOptions {
  /** Where settings, torrents and resume data are kept. Created when absent. */
  readonly stateFolder: string;
  /** The built disk worker, e.g. `dist/disk-worker.js`. */
  readonly diskWorker: URL;
  /** Settings that hold for this run only, over the kept ones. */
  readonly overrides?: SettingsChange & { readonly bindHost?: string };
  /** False: no tracker is ever asked. */
  readonly announces?: boolean;
}

/** One interface's end of the engine. */
export interface EnginePort {
  /** Validated by the caller where it comes from outside the process. */
  send(message: ToEngine): void;
  close(): void;
}

/** The running engine: sockets, disk and trackers around the deterministic session. */
export interface Engine {
  /** `deliver` gets a full update at once (before returning or soon after), then changes a few times a second. */
  connect(deliver: (message: FromEngine) => void): EnginePort;
  /** Announces `stopped`, flushes, writes resume data. Within 5 s, whatever happens. */
  stop(): Promise<void>;
}

export declare function startEngine(options: EngineOptions): Promise<Engine>;
