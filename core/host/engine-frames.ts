import { decodeMessage } from "../contract/codec.ts";
import { type ToEngine, validateToEngine } from "../contract/messages.ts";

/**
 * Reads one frame of an interface, wherever it crosses into the engine.
 * @returns The message, or in words what is wrong with it.
 */
export function readFrame(bytes: Uint8Array): { ok: true; message: ToEngine } | { ok: false; fault: string } {
  let message: unknown;
  try {
    message = decodeMessage(bytes);
  } catch (error) {
    return { ok: false, fault: `not one MessagePack value: ${error instanceof Error ? error.message : String(error)}` };
  }
  return validateToEngine(message);
}
