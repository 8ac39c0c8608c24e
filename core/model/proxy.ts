/** A server that passes our connections on, so that nobody else sees where they come from. */
export interface ProxyServer {
  readonly kind: "socks5" | "http";
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

/** What stands for a password wherever it is shown. */
export const PASSWORD_MASK = "***";
const DEFAULT_PORTS = { socks5: 1080, http: 80 };
/** RFC 1929: a length is one byte. */
const MAX_CREDENTIAL = 255;

/** @param text - E.g. `socks5://user:password@host:1080`, `http://[::1]:8080`. @returns In words what is wrong. */
export function parseProxy(text: string): ProxyServer | string {
  if (!URL.canParse(text)) return "not an address as socks5://user:password@host:port";
  const url = new URL(text);
  const kind = url.protocol.slice(0, -1);
  if (kind !== "socks5" && kind !== "http") return `${kind}: a proxy is socks5:// or http://`;
  const host = decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ""));
  if (!/^[a-z0-9_.:-]{1,253}$/i.test(host)) return "it names no host";
  if ((url.pathname !== "" && url.pathname !== "/") || url.search !== "" || url.hash !== "") {
    return "nothing may follow host and port";
  }
  const port = url.port === "" ? DEFAULT_PORTS[kind] : Number(url.port);
  if (port === 0) return "port 0 is none";
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === undefined || password === undefined) return "user and password: write % as %25";
  for (const text of [user, password]) {
    if (new TextEncoder().encode(text).length > MAX_CREDENTIAL) return "user and password: 255 bytes at most";
  }
  if (user === "" && password !== "") return "a password without a user";
  return { kind, host, port, ...(user === "" ? {} : { user, password }) };
}

/** The address of a proxy as it may be shown and recorded. */
export function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return "";
  const url = new URL(text);
  if (url.password !== "") url.password = PASSWORD_MASK;
  return url.href;
}

/** Undoes {@link withoutPassword}, when nothing else has changed: a password is for one proxy and user only. */
export function withPassword(text: string, before: string): string {
  return text !== "" && text === withoutPassword(before) ? before : text;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
