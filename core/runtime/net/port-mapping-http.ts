import { request } from "node:http";
import { MAX_XML } from "../../discovery/port-mapping/xml.ts";
import { type Bytes, KIB, type Millis } from "../../model/units.ts";
import { faultWords, Refusal } from "../http/fetch-fault.ts";

/** What a router said over HTTP, or in words why nothing came of it. */
export type RouterReply =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | { readonly ok: false; readonly words: string };

interface RouterRequest {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Our address in the router's network. */
  readonly from: string;
  readonly signal: AbortSignal;
}

/** For everything, to the last byte. */
const TIMEOUT: Millis = 5_000;
const MAX_HEADERS: Bytes = 16 * KIB;

/**
 * One request to the router. Its host is an address that was judged: nothing is resolved, no redirect is followed, time,
 * headers and body are bounded. Never throws.
 */
export function askRouter(url: URL, { method, headers = {}, body, from, signal }: RouterRequest): Promise<RouterReply> {
  return new Promise((resolve) => {
    const ending = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const fail = (error: unknown) => {
      const isLate = ending.aborted && !signal.aborted;
      resolve({ ok: false, words: isLate ? `no whole answer within ${TIMEOUT / 1000} s` : faultWords(error) });
    };
    const asked = request(url, {
      method,
      agent: false,
      localAddress: from,
      maxHeaderSize: MAX_HEADERS,
      signal: ending,
      headers: {
        connection: "close",
        ...headers,
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
    });
    asked.on("error", fail);
    asked.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("error", fail);
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > MAX_XML) asked.destroy(new Refusal(`its answer is larger than ${MAX_XML / KIB} KiB`));
      });
      response.on("end", () => {
        if (length > MAX_XML) return;
        resolve({ ok: true, status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    asked.end(body);
  });
}
