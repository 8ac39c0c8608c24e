export interface TextClone {
  toText(value: unknown): string;
  fromText(text: string): unknown;
}

/**
 * Structured clone over text, as far as messages between processes need it: plain objects, arrays, bytes, undefined.
 * What else is met is refused, as the real one refuses functions. Also runs in the page, as text: it may name nothing
 * outside of itself.
 */
export function makeTextClone(): TextClone {
  /** An object becomes `["o", entries]`, an array `["a", items]`, bytes `["b", base64]`, undefined `["u"]`. */
  const pack = (value: unknown): unknown => {
    if (value === undefined) return ["u"];
    if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value))
      return value;
    if (value instanceof Uint8Array) return ["b", toBase64(value)];
    if (Array.isArray(value)) return ["a", value.map(pack)];
    const isPlain = typeof value === "object" && Object.prototype.toString.call(value) === "[object Object]";
    if (!isPlain) throw new Error("An object could not be cloned.");
    return ["o", Object.entries(value as object).map(([key, inner]) => [key, pack(inner)])];
  };
  const unpack = (packed: unknown): unknown => {
    if (!Array.isArray(packed)) return packed;
    const [kind, content] = packed as [string, never];
    if (kind === "u") return undefined;
    if (kind === "b") return Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    if (kind === "a") return (content as unknown[]).map(unpack);
    return Object.fromEntries((content as [string, unknown][]).map(([key, inner]) => [key, unpack(inner)]));
  };
  const toBase64 = (bytes: Uint8Array): string => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(text);
  };
  return { toText: (value) => JSON.stringify(pack(value)), fromText: (text) => unpack(JSON.parse(text)) };
}
