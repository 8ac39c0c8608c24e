import { concatBytes } from "../../../core/model/bytes.ts";

/** A deed of a script: what to do, with a number, and with bytes. Any bytes are a script. */
interface ScriptEntry {
  readonly deed: number;
  /** 0 … 255. */
  readonly argument: number;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function scriptEntry(deed: number, argument: number, bytes: Uint8Array = NOTHING): Uint8Array {
  return concatBytes(Uint8Array.of(deed, argument, bytes.length >>> 8, bytes.length), bytes);
}

/** @param deeds - How many there are to choose from. */
export function* readScript(script: Uint8Array, deeds: number): Generator<ScriptEntry> {
  for (let at = 0; at + 4 <= script.length; ) {
    const length = ((script[at + 2] as number) << 8) | (script[at + 3] as number);
    const bytes = script.slice(at + 4, at + 4 + length);
    yield { deed: (script[at] as number) % deeds, argument: script[at + 1] as number, bytes };
    at += 4 + bytes.length;
  }
}
