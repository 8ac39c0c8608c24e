import { MAX_MAGNET, type TorrentSource } from "../../core/contract/messages.ts";
import { say } from "../words/say.ts";

export type TypedSource =
  | { readonly kind: "source"; readonly source: TorrentSource }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Judges one line that was typed or pasted: a magnet link, an http(s) address, or the path of a .torrent file.
 * Only its form; whether it can be read is the engine's to say.
 */
export function typedSource(line: string): TypedSource {
  const text = line.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (text === "") return refused(say.adding.give);
  if (/^magnet:/i.test(text)) return magnetSource(text);
  if (/^https?:\/\//i.test(text)) {
    return URL.canParse(text) ? { kind: "source", source: { from: "url", url: text } } : refused(say.adding.badUrl);
  }
  if (/^file:\/\//i.test(text)) return pathOfFileUrl(text);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return refused(say.adding.onlyHttp);
  if (isAbsolute(text)) return { kind: "source", source: { from: "path", path: text } };
  return refused(say.adding.neither);
}

/** Whether pasted text is meant for us at all, rather than stray text of the clipboard. */
export function looksLikeSource(text: string): boolean {
  const line = text.trim();
  if (line.includes("\n")) return false;
  if (isMagnet(line)) return line.length <= MAX_MAGNET;
  if (line.length > MAX_ADDRESS) return false;
  return /^(https?|file):\/\//i.test(line) || (isAbsolute(line) && /\.torrent$/i.test(line));
}

export function isMagnet(text: string): boolean {
  return /^magnet:\?/i.test(text);
}

/** What a magnet link is called until its metadata is there: its own `dn`, else the beginning of its info hash. */
export function magnetName(link: string): string {
  const query = new URLSearchParams(link.slice(link.indexOf("?") + 1));
  const name = query.get("dn")?.trim();
  const hash = /^urn:bt(?:ih|mh):([0-9a-z]+)$/i.exec(query.get("xt") ?? "")?.[1];
  return name || (hash === undefined ? say.adding.thisMagnet : say.adding.magnetNamed(hash.slice(0, 12)));
}

/** The longest address that is pasted without being meant for a text field, in characters. */
const MAX_ADDRESS = 8192;

/** A path of Unix, of a Windows drive, or of a Windows share. */
function isAbsolute(path: string): boolean {
  return path.startsWith("/") || path.startsWith("~/") || /^[a-z]:[\\/]/i.test(path) || path.startsWith("\\\\");
}

function pathOfFileUrl(text: string): TypedSource {
  if (!URL.canParse(text)) return refused(say.adding.badFileUrl);
  const { pathname } = new URL(text);
  try {
    const path = decodeURIComponent(pathname);
    return { kind: "source", source: { from: "path", path: /^\/[a-z]:\//i.test(path) ? path.slice(1) : path } };
  } catch {
    return refused(say.adding.badEscape);
  }
}

function magnetSource(link: string): TypedSource {
  if (!isMagnet(link)) return refused(say.adding.magnetBegins);
  if (link.length > MAX_MAGNET) return refused(say.adding.magnetTooLong(MAX_MAGNET));
  return { kind: "source", source: { from: "magnet", link } };
}

function refused(why: string): TypedSource {
  return { kind: "refused", why };
}
