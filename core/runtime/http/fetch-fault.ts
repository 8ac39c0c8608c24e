import { ProxyRefusal } from "../net/tunnel.ts";

/** Why we end a request ourselves; the message is for people. */
export class Refusal extends Error {
  override name = "Refusal";
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name can't be looked up now",
  ETIMEDOUT: "connection timed out",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EADDRNOTAVAIL: "the address to connect from is not available",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "no answer in time",
  UND_ERR_HEADERS_OVERFLOW: "its headers are longer than 64 KiB",
  HPE_HEADER_OVERFLOW: "its headers are longer than 64 KiB",
  UND_ERR_SOCKET: "connection closed before the answer was whole",
  Z_DATA_ERROR: "its packed answer is damaged",
  Z_BUF_ERROR: "its packed answer is cut short",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate can't be verified",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate can't be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** Turns whatever a request threw into words for a row or a log: at most 256 characters. */
export function faultWords(error: unknown): string {
  return describe(error, 0).slice(0, 256);
}

/** Causes are looked through only so deep: they could go round. */
const MAX_CAUSES = 4;

function describe(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Refusal || error instanceof ProxyRefusal) return error.message;
  // Several addresses were tried and all failed: the first failure speaks for them.
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0], depth + 1);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error.cause instanceof Error && depth < MAX_CAUSES && code !== "UND_ERR_HEADERS_OVERFLOW") {
    return describe(error.cause, depth + 1);
  }
  if (WORDS[code] === undefined && (error.name === "HTTPParserError" || code.startsWith("HPE_")))
    return "its answer is not HTTP";
  return WORDS[code] ?? `${code === "" ? "" : `${code}: `}${error.message}`;
}
