import type { Asset, Assets } from "../core/host/web/assets.ts";
import { SECURITY_HEADERS } from "../core/host/web/security-headers.ts";

/** The page's origin. All that the window ever shows comes from here, and from here only. */
export const APP_SCHEME = "app";
const APP_HOST = "peerscope";
const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_PAGE = `${APP_ORIGIN}/`;

/** Whether a URL is of the page's own origin. Parsed, never compared as text. */
export function isOwnUrl(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return (
    parsed?.protocol === `${APP_SCHEME}:` &&
    parsed.host === APP_HOST &&
    parsed.username === "" &&
    parsed.password === ""
  );
}

/**
 * Answers a request of the page from the table of built files.
 *
 * The path is normalised by the URL parser (`.` and `..` resolved, backslashes turned) and then looked up: whatever is
 * left in it that would mean something to a file system simply isn't in the table.
 */
export function answerRequest(assets: Assets, request: { readonly url: string; readonly method: string }): Response {
  if (!isOwnUrl(request.url)) return refusal(403, "another host");
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "only GET and HEAD");
  const asset = assets.get(new URL(request.url).pathname);
  return asset === undefined ? refusal(404, "there is no such file") : found(asset, request.method);
}

function found(asset: Asset, method: string): Response {
  return new Response(method === "HEAD" ? null : asset.bytes.slice(), {
    headers: {
      ...SECURITY_HEADERS,
      "content-type": asset.contentType,
      "content-length": String(asset.bytes.length),
      "cache-control": "no-cache",
    },
  });
}

function refusal(status: number, words: string): Response {
  return new Response(`${words}\n`, {
    status,
    headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
