import { withoutInvisible } from "./display-text.ts";

/**
 * One sanitiser for all systems on every system: a torrent has the same names wherever it is saved, and a folder of
 * it can be carried from one system to another.
 */

/** Names of devices on Windows, alone or before an extension; superscript digits count there as digits. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;

/** What some system takes for a separator, a stream, a wildcard or a redirection. */
const FORBIDDEN = /[<>:"/\\|?*]/g;

/** Most systems allow 255 bytes; the rest is for numbering duplicates and for names of files in progress. */
export const MAX_PART_BYTES = 240;

/** An extension longer than this is no extension. */
const MAX_EXTENSION_BYTES = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of `text` in UTF-8. */
export function byteLength(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : encoder.encode(text).length;
}

/**
 * Makes one part of a path safe to create anywhere: a file name of 1 … {@link MAX_PART_BYTES} bytes, without
 * separators, invisible characters and what Windows reserves, neither `.` nor `..`. Invalid UTF-8 becomes `_`.
 */
export function safePart(raw: Uint8Array): string {
  return safeName(partText(raw));
}

/** A part of a path as text, with U+FFFD for what is not UTF-8. */
export function partText(raw: Uint8Array): string {
  return decoder.decode(raw);
}

/** As {@link safePart}, of text. */
export function safeName(text: string): string {
  if (isPlain(text)) return text;
  let name = withoutInvisible(text.toWellFormed().replaceAll("\ufffd", "_")).replace(FORBIDDEN, "_");
  name = shortened(withoutTrail(name), MAX_PART_BYTES - 1);
  return name === "" || RESERVED.test(name) ? `_${name}` : name;
}

/** `name (2).ext`: within {@link MAX_PART_BYTES} as `name` is. */
export function numberedName(name: string, number: number): string {
  const suffix = ` (${number})`;
  const { stem, extension } = split(name);
  return `${withoutTrail(cut(stem, MAX_PART_BYTES - suffix.length - byteLength(extension)))}${suffix}${extension}`;
}

/** Two names with the same folding are one file on a system that ignores letter case or Unicode form. */
export function folded(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase();
  // Latin and Han letters that have one form only.
  if (/^[\x20-\xff\u4e00-\u9fff]*$/.test(name)) return name.toUpperCase().toLowerCase();
  return name.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Whether one part of a path tries to leave the torrent's folder. Such a torrent is refused as a whole: no honest
 * program writes one.
 * @param isFirst - It begins the path, so it could make it absolute.
 * @returns What it tries, in words; undefined when it is harmless.
 */
export function dangerOf(part: string, isFirst: boolean): string | undefined {
  if (isPlain(part)) return undefined;
  const text = withoutInvisible(part);
  const pieces = text.split(/[/\\]/).map((piece) => piece.trim());
  if (pieces.includes("..")) return 'leads out of its folder by a part ".."';
  if (pieces.length > 1 && /^[a-z]:$/i.test(pieces[0] as string)) return "names a drive";
  if (!isFirst) return undefined;
  if (/^[a-z]:$/i.test(text.trim())) return "names a drive";
  if (/^\s*[/\\]{2}/.test(text)) return "names a network share";
  if (/^\s*[/\\]/.test(text)) return "is absolute";
  return undefined;
}

/** Anything but letters of the usual scripts, digits, and signs that mean nothing to any system. */
const NOT_PLAIN = /[^ !#-)+-.0-9;=@-[\]-{}~\u00a1-\u00ac\u00ae-\u034e\u0370-\u05ff\u3040-\u3163\u4e00-\u9fff]/;

/** Most names are safe as they come; this tells so in one pass. */
function isPlain(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  // A character of those is at most three bytes.
  if (last === SPACE || last === DOT || text.length === 0 || text.length * 3 >= MAX_PART_BYTES) return false;
  return !NOT_PLAIN.test(text) && !RESERVED.test(text);
}

const SPACE = 0x20;
const DOT = 0x2e;

/** Windows drops trailing dots and spaces silently. */
function withoutTrail(name: string): string {
  return name.replace(/[. ]+$/, "");
}

function shortened(name: string, most: number): string {
  if (byteLength(name) <= most) return name;
  const { stem, extension } = split(name);
  return withoutTrail(`${cut(stem, most - byteLength(extension))}${extension}`);
}

function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 ? name.slice(dot) : "";
  if (byteLength(extension) > MAX_EXTENSION_BYTES) return { stem: name, extension: "" };
  return { stem: name.slice(0, name.length - extension.length), extension };
}

/** The longest beginning of whole characters within `most` bytes. */
function cut(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}
