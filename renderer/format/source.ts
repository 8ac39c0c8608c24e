import type { TorrentSource } from "../../core/contract/messages.ts";

export type TypedSource =
  | { readonly kind: "source"; readonly source: TorrentSource }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Judges one line that was typed or pasted: an http(s) address, or the path of a .torrent file.
 * Only its form; whether it can be read is the engine's to say.
 */
export function typedSource(line: string): TypedSource {
  const text = line.trim().replace(/^(["'])(.*)\1$/, "$2");
  if (text === "") return refused("Give the path or the address of a .torrent file.");
  if (/^magnet:/i.test(text)) return refused("Magnet links are not supported yet: use a .torrent file.");
  if (/^https?:\/\//i.test(text)) {
    return URL.canParse(text)
      ? { kind: "source", source: { from: "url", url: text } }
      : refused("This address is not a valid URL.");
  }
  if (/^file:\/\//i.test(text)) return pathOfFileUrl(text);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return refused("Only http and https addresses can be fetched.");
  if (isAbsolute(text)) return { kind: "source", source: { from: "path", path: text } };
  return refused("This is neither an http(s) address nor the full path of a .torrent file.");
}

/** Whether pasted text is meant for us at all, rather than stray text of the clipboard. */
export function looksLikeSource(text: string): boolean {
  const line = text.trim();
  if (line.length > 8192 || line.includes("\n")) return false;
  return /^(https?:\/\/|file:\/\/|magnet:)/i.test(line) || (isAbsolute(line) && /\.torrent$/i.test(line));
}

/** A path of Unix, of a Windows drive, or of a Windows share. */
function isAbsolute(path: string): boolean {
  return path.startsWith("/") || path.startsWith("~/") || /^[a-z]:[\\/]/i.test(path) || path.startsWith("\\\\");
}

function pathOfFileUrl(text: string): TypedSource {
  if (!URL.canParse(text)) return refused("This file address is not a valid URL.");
  const { pathname } = new URL(text);
  try {
    const path = decodeURIComponent(pathname);
    return { kind: "source", source: { from: "path", path: /^\/[a-z]:\//i.test(path) ? path.slice(1) : path } };
  } catch {
    return refused("This file address has a malformed escape.");
  }
}

function refused(why: string): TypedSource {
  return { kind: "refused", why };
}
