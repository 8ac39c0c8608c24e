import type { RawData, WebSocket } from "ws";
import { encodeMessage } from "../../contract/codec.ts";
import type { FromEngine, ToEngine } from "../../contract/messages.ts";
import type { Bytes } from "../../model/units.ts";
import { readFrame } from "../engine-frames.ts";

/** What a socket needs of the engine. */
export interface EngineAccess {
  connect(deliver: (message: FromEngine) => void): { send(message: ToEngine): void; close(): void };
}

/** A message larger than the largest .torrent file has no use. */
export const MAX_FRAME: Bytes = 80 * 1024 * 1024;

/**
 * Bytes that may wait for a page that does not read. Past it the page is dropped: it comes back by itself and gets a
 * whole update, which is less than what it missed.
 */
const MAX_WAITING: Bytes = 8 * 1024 * 1024;

/** Close codes of RFC 6455. */
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;

/** Ties one page's socket to the engine, until either goes. What comes in is validated here. */
export function serveEngine(engine: EngineAccess, socket: WebSocket): void {
  const port = engine.connect((message) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_WAITING) socket.terminate();
    else socket.send(encodeMessage(message));
  });
  socket.on("message", (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!isBinary) return close(socket, UNSUPPORTED_DATA, "messages are binary");
    const checked = readFrame(wholeBytes(data));
    if (!checked.ok) return close(socket, POLICY_VIOLATION, checked.fault);
    port.send(checked.message);
  });
  // A frame past the limit or malformed: ws closes with the right code itself and then tells "close".
  socket.on("error", () => {});
  socket.on("close", () => port.close());
}

/** A plain view, so that the bytes inside a message are no Buffers either. */
function wholeBytes(data: RawData): Uint8Array {
  const whole = Array.isArray(data) ? Buffer.concat(data) : data;
  return whole instanceof ArrayBuffer
    ? new Uint8Array(whole)
    : new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
}

/** A close frame has room for 123 bytes of words. */
function close(socket: WebSocket, code: number, words: string): void {
  let reason = words;
  while (Buffer.byteLength(reason) > 123) reason = reason.slice(0, -1);
  socket.close(code, reason);
}
