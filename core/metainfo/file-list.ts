import { asBytes, asDict, asInteger, asList, type BencodeDict, type BencodeValue } from "../model/bencode.ts";
import type { Bytes } from "../model/units.ts";
import { type FileAttributes, type Parsed, refused, type TorrentFile, type Warnings } from "./metainfo.ts";
import { MAX_DUPLICATES, PathTable } from "./path-table.ts";
import { dangerOf, partText, safeName } from "./safe-path.ts";

/** 2,097,152 pieces of 512 MiB: beyond it no torrent can be described. */
export const MAX_TOTAL_LENGTH: Bytes = 2 ** 50;
const MAX_FOLDERS = 100;
/** PATH_MAX is 4096 on Linux, and the folder above needs its share. */
const MAX_PATH_BYTES = 2048;

export const NO_ATTRIBUTES: FileAttributes = { isExecutable: false, isHidden: false };

export interface FileList {
  readonly files: readonly TorrentFile[];
  readonly totalLength: Bytes;
}

/** The files of a v1 `info` dictionary (BEP 3), with padding and attributes (BEP 47). `name` is safe already. */
export function parseFileList(info: BencodeDict, name: string, warnings: Warnings): Parsed<FileList> {
  const listed = info.get("files");
  if (listed === undefined) return singleFile(info, name);
  if (info.has("length")) warnings.add("both a length and a list of files: the list counts");
  const entries = asList(listed);
  if (entries === undefined) return refused("structure", "files: not a list");
  if (entries.length === 0) return refused("structure", "files: the list is empty");

  const list = new FileCollector(warnings);
  for (let index = 0; index < entries.length; index++) {
    const parsed = parseEntry(entries[index], name, `file ${index + 1}`, warnings);
    if (!parsed.ok) return parsed;
    const added = list.add(parsed.value, index + 1);
    if (!added.ok) return added;
  }
  return { ok: true, value: list };
}

/** Gathers files in the order of their bytes, each with a path of its own. */
export class FileCollector implements FileList {
  readonly files: TorrentFile[] = [];
  totalLength: Bytes = 0;
  readonly #table = new PathTable();
  readonly #warnings: Warnings;

  constructor(warnings: Warnings) {
    this.#warnings = warnings;
  }

  /** @param number - Names it in words. */
  add(file: TorrentFile, number: number): Parsed<true> {
    this.totalLength += file.length;
    if (this.totalLength > MAX_TOTAL_LENGTH) {
      const words = `total length: ${this.totalLength} bytes after file ${number}, at most ${MAX_TOTAL_LENGTH}`;
      return refused("length", words);
    }
    const path = file.isPadding ? file.path : this.#table.place(file.path);
    if (this.#table.duplicates > MAX_DUPLICATES) {
      return refused("duplicate-names", `more than ${MAX_DUPLICATES} files whose names others have already`);
    }
    if (path !== file.path) {
      this.#warnings.add(`file ${number}: ${file.path.join("/")} is there already, saved as ${path.join("/")}`);
    }
    this.files.push(path === file.path ? file : { ...file, path });
    return { ok: true, value: true };
  }
}

function singleFile(info: BencodeDict, name: string): Parsed<FileList> {
  const length = parseLength(info.get("length"), "length");
  if (!length.ok) return length;
  const attributes = parseAttributes(info, "the file", name);
  if (!attributes.ok) return attributes;
  const file: TorrentFile = { path: [name], length: length.value, isPadding: false, attributes: attributes.value };
  return { ok: true, value: { files: [file], totalLength: length.value } };
}

function parseEntry(
  value: BencodeValue | undefined,
  name: string,
  label: string,
  warnings: Warnings,
): Parsed<TorrentFile> {
  const entry = asDict(value);
  if (entry === undefined) return refused("structure", `${label}: not a dictionary`);
  if (entry.has("__proto__")) return refused("hostile-key", `${label}: a key "__proto__"`);
  const letters = attributeLetters(entry);
  const length = parseLength(entry.get("length") ?? (letters.includes("l") ? 0 : undefined), `${label}: length`);
  if (!length.ok) return length;
  const path = parsePath(entry, name, label, warnings);
  if (!path.ok) return path;
  const attributes = parseAttributes(entry, label, name);
  if (!attributes.ok) return attributes;
  if (attributes.value.symlinkTarget !== undefined && length.value > 0) {
    return refused("length", `${label}: a symbolic link with ${length.value} bytes`);
  }
  const isPadding = letters.includes("p");
  return {
    ok: true,
    value: { path: path.value, length: length.value, isPadding, attributes: attributes.value },
  };
}

export function parseLength(value: BencodeValue | undefined, label: string): Parsed<Bytes> {
  if (value === undefined) return refused("structure", `${label}: missing`);
  if (typeof value === "bigint") return refused("length", `${label}: ${value} bytes, at most ${MAX_TOTAL_LENGTH}`);
  const length = asInteger(value);
  if (length === undefined) return refused("structure", `${label}: not an integer`);
  if (length < 0) return refused("length", `${label}: ${length} bytes`);
  if (length > MAX_TOTAL_LENGTH) return refused("length", `${label}: ${length} bytes, at most ${MAX_TOTAL_LENGTH}`);
  return { ok: true, value: length };
}

/** `path.utf-8`, of times when `path` was in whatever encoding, wins where it is. */
function parsePath(entry: BencodeDict, name: string, label: string, warnings: Warnings): Parsed<readonly string[]> {
  const given = asList(entry.get("path.utf-8")) ?? entry.get("path");
  if (given === undefined) return refused("structure", `${label}: path missing`);
  const parts = asList(given);
  if (parts === undefined) return refused("structure", `${label}: path is not a list`);
  return safeParts(parts, name, `${label}: path`, warnings);
}

/** Safe parts of one path after the torrent's own folder, those that say nothing (empty, `.`) left out. */
export function safeParts(
  parts: readonly BencodeValue[],
  folder: string,
  label: string,
  warnings?: Warnings,
): Parsed<readonly string[]> {
  if (parts.length > MAX_FOLDERS) return refused("path", `${label}: ${parts.length} parts, at most ${MAX_FOLDERS}`);
  const safe = [folder];
  let length = 0;
  for (let at = 0; at < parts.length; at++) {
    const raw = asBytes(parts[at]);
    if (raw === undefined) return refused("structure", `${label}: part ${at + 1} is not a string`);
    const text = partText(raw);
    const danger = dangerOf(text, at === 0);
    if (danger !== undefined) return refused("path", `${label} ${danger}`);
    if (text === "" || text === ".") {
      warnings?.add(`${label}: part ${at + 1} is empty, left out`);
      continue;
    }
    safe.push(safeName(text));
    // What is made safe grows by a byte at most.
    length += raw.length + 2;
  }
  if (safe.length === 1) return refused("path", `${label}: empty`);
  if (length > MAX_PATH_BYTES) return refused("path", `${label}: ${length} bytes, at most ${MAX_PATH_BYTES}`);
  return { ok: true, value: safe };
}

export function attributeLetters(entry: BencodeDict): string {
  const raw = asBytes(entry.get("attr"));
  return raw === undefined ? "" : String.fromCharCode(...raw.subarray(0, 16));
}

export function parseAttributes(entry: BencodeDict, label: string, name: string): Parsed<FileAttributes> {
  const letters = attributeLetters(entry);
  if (letters === "") return { ok: true, value: NO_ATTRIBUTES };
  const plain = { isExecutable: letters.includes("x"), isHidden: letters.includes("h") };
  if (!letters.includes("l")) return { ok: true, value: plain };
  const target = asList(entry.get("symlink path"));
  if (target === undefined) return refused("structure", `${label}: a symbolic link without its path`);
  const parts = safeParts(target, name, `${label}: its symbolic link`);
  if (!parts.ok) return parts;
  return { ok: true, value: { ...plain, symlinkTarget: parts.value } };
}
