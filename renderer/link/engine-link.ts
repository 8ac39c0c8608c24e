/** `connecting`: not yet; `open`: the engine hears us; `lost`: it was open or could not be, and is tried again. */
export type LinkState = "connecting" | "open" | "lost";

/** The way to the engine: frames of bytes, one message each. Frames sent while it is not `open` are dropped. */
export interface EngineLink {
  /** Called once, before anything else; the link begins to connect. */
  start(listener: LinkListener): void;
  send(bytes: Uint8Array): void;
}

export interface LinkListener {
  onMessage(bytes: Uint8Array): void;
  onState(state: LinkState): void;
}
