import type { Metainfo } from "../metainfo/metainfo.ts";
import { asBytes, asDict, asList, type BencodeValue, decodeBencode } from "../model/bencode.ts";
import type { Bytes, PieceIndex } from "../model/units.ts";

/** Where a web seed is: a file or folder on an HTTP server (`files`, BEP 19), or a script that gives pieces (`pieces`, BEP 17). */
export interface WebSeedAddress {
  readonly url: string;
  readonly kind: "files" | "pieces";
}

/** Those that a torrent names. */
export function webSeedsOf({ webSeeds, httpSeeds = [] }: Metainfo): WebSeedAddress[] {
  const files = webSeeds.map((url) => ({ url, kind: "files" }) as const);
  return [...files, ...httpSeeds.map((url) => ({ url, kind: "pieces" }) as const)];
}

/** One request to a web seed. */
export interface RangeOrder {
  readonly url: string;
  /** What is asked of a file of `total` bytes; undefined: the URL says which bytes, and they are the whole answer. */
  readonly range?: { readonly offset: Bytes; readonly total: Bytes };
  /** Bytes that are to come. */
  readonly length: Bytes;
}

/** Bytes of a padding file (BEP 47): nobody is asked for them. */
export interface Zeros {
  readonly zeros: Bytes;
}

/** The torrents' own names of things, as they are asked for: the safe ones that we save under may differ. */
export class WebSeedUrls {
  readonly #metainfo: Metainfo;
  readonly #infoHash: Uint8Array;
  readonly #seed: WebSeedAddress;
  /** Of each file, made when it is first asked for. */
  readonly #urls: (string | undefined)[] = [];
  #info: { readonly name: string; readonly files: readonly BencodeValue[] } | undefined;

  /** @param infoHash - 20 bytes, for `pieces`. */
  constructor(metainfo: Metainfo, infoHash: Uint8Array, seed: WebSeedAddress) {
    this.#metainfo = metainfo;
    this.#infoHash = infoHash;
    this.#seed = seed;
  }

  /** Requests whose answers, one after the other, are `length` bytes from `begin` of the piece on; they may go on behind it. */
  orders(piece: PieceIndex, begin: Bytes, length: Bytes): (RangeOrder | Zeros)[] {
    const { layout, fileLayout, files } = this.#metainfo;
    if (this.#seed.kind === "pieces") return [{ url: this.#pieceUrl(piece, begin, length), length }];
    return fileLayout
      .spans(layout.pieceOffset(piece) + begin, length)
      .map(({ fileIndex, fileOffset, length: part }) => {
        const file = files[fileIndex];
        if (file === undefined || file.isPadding) return { zeros: part };
        return { url: this.#fileUrl(fileIndex), range: { offset: fileOffset, total: file.length }, length: part };
      });
  }

  #pieceUrl(piece: PieceIndex, begin: Bytes, length: Bytes): string {
    const { url } = this.#seed;
    const query = `info_hash=${percent(this.#infoHash)}&piece=${piece}&ranges=${begin}-${begin + length - 1}`;
    return `${url}${url.includes("?") ? "&" : "?"}${query}`;
  }

  #fileUrl(index: number): string {
    const known = this.#urls[index];
    if (known !== undefined) return known;
    const url = this.#makeUrl(index);
    this.#urls[index] = url;
    return url;
  }

  #makeUrl(index: number): string {
    const [address = "", query = ""] = this.#seed.url.split("#", 1).flatMap((url) => url.split(/(?=\?)/, 2));
    if (!this.#metainfo.isMultiFile) return `${address}${address.endsWith("/") ? this.#names.name : ""}${query}`;
    const folder = address.endsWith("/") ? address : `${address}/`;
    return `${folder}${this.#names.name}/${this.#pathOf(index)}${query}`;
  }

  /** Within the torrent's folder. */
  #pathOf(index: number): string {
    const entry = asDict(this.#names.files[index]);
    const raw = asList(entry?.get("path.utf-8")) ?? asList(entry?.get("path"));
    const parts = raw?.map(asBytes).filter((part) => part !== undefined);
    const saved = this.#metainfo.files[index]?.path.slice(1).map((part) => encodeURIComponent(part)) ?? [];
    return (parts?.map(percent) ?? saved).join("/");
  }

  get #names() {
    if (this.#info !== undefined) return this.#info;
    const decoded = decodeBencode(this.#metainfo.infoBytes);
    const info = decoded.ok ? asDict(decoded.value) : undefined;
    const name = asBytes(info?.get("name.utf-8")) ?? asBytes(info?.get("name"));
    this.#info = {
      name: name === undefined ? encodeURIComponent(this.#metainfo.name) : percent(name),
      // Of a v2 torrent the names that we save under stand for its own: they differ where those are odd.
      files: (this.#metainfo.infoHash.kind === "v2" ? undefined : asList(info?.get("files"))) ?? [],
    };
    return this.#info;
  }
}

/** Bytes as they stand in a URL (RFC 3986): what is not unreserved as `%XX`. */
function percent(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
