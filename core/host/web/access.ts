import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Millis, Timestamp } from "../../model/units.ts";

/** Bad tokens within {@link WINDOW} after which every token is refused for {@link LOCK}. */
const BAD_TOKENS = 5;
const WINDOW: Millis = 60_000;
const LOCK: Millis = 60_000;

/** A refusal, with the status and the words of the answer. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: 400 | 401 | 403 | 405 | 421 | 429;
  readonly words: string;
}

/** `entering`: the right token came in the address; a cookie takes its place. */
export type Access = { readonly kind: "allowed" } | { readonly kind: "entering" } | Refusal;

/** What is looked at in a request. */
export interface RequestFacts {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Who may talk to the web host.
 *
 * The token is in the address that is printed. It opens a session: a cookie with a secret of its own, so that the
 * token is not sent again and a lock against guessing does not shut out who is already in.
 * All comparisons take the same time whatever is compared.
 */
export class AccessGuard {
  /** 128 bits as 32 hexadecimal digits; new at every start. */
  readonly token = randomBytes(16).toString("hex");
  readonly #session = randomBytes(16).toString("hex");
  readonly #port: number;
  readonly #badAt: Timestamp[] = [];
  /** Wrong cookies already counted: the tab of an earlier run asks again and again with the same one. */
  readonly #badCookies = new Set<string>();
  #lockedUntil: Timestamp = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** `Set-Cookie` for who entered with the token. Cookies are shared by all ports of a host, so the name has ours. */
  get cookie(): string {
    return `${this.#cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  get #cookieName(): string {
    return `peerscope-${this.#port}`;
  }

  /** Judges a plain request. */
  request(facts: RequestFacts, now: Timestamp): Access {
    const refusal = this.#wrongHost(facts.headers) ?? wrongForm(facts) ?? foreignFetch(facts.headers);
    if (refusal !== undefined) return refusal;
    if (facts.method !== "GET" && facts.method !== "HEAD") {
      return refused(405, "only GET and HEAD: everything is asked and changed through the socket");
    }
    const given = new URL(facts.target, "http://host").searchParams.get("token");
    if (given === null) return this.#credentials(facts.headers, now);
    const access = this.#tokenGiven(given, now);
    return access.kind === "allowed" ? { kind: "entering" } : access;
  }

  /**
   * Judges the opening of the engine's socket, through which everything is changed. Unlike other requests a page of
   * any origin may try to open one, so a cookie counts only with an origin that is ours.
   */
  upgrade(facts: RequestFacts, now: Timestamp): Access {
    const refusal = this.#wrongHost(facts.headers) ?? wrongForm(facts) ?? this.#foreignOrigin(facts.headers);
    return refusal ?? this.#credentials(facts.headers, now);
  }

  /** A name that leads here but is not ours is another's: DNS rebinding. */
  #wrongHost(headers: IncomingHttpHeaders): Refusal | undefined {
    if (this.#isOwnHost(headers.host)) return undefined;
    return refused(421, headers.host === undefined ? "no host is named" : `this is not ${printable(headers.host)}`);
  }

  #isOwnHost(host: string | undefined): boolean {
    if (host === undefined) return false;
    const suffix = this.#port === 80 ? /(?::80)?$/ : new RegExp(`:${this.#port}$`);
    if (!suffix.test(host)) return false;
    const name = host.replace(suffix, "").toLowerCase();
    return name === "127.0.0.1" || name === "localhost" || name === "[::1]";
  }

  #foreignOrigin(headers: IncomingHttpHeaders): Refusal | undefined {
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin") return refused(403, `the request comes from ${printable(site)}`);
    if (headers.origin === undefined) {
      // Every browser names the origin; a program that doesn't has no page behind it, and must know the token.
      return headers.authorization === undefined ? refused(403, "no origin is named") : undefined;
    }
    if (headers.origin.toLowerCase() === `http://${headers.host?.toLowerCase()}`) return undefined;
    return refused(403, `the origin ${printable(headers.origin)} is another`);
  }

  #credentials(headers: IncomingHttpHeaders, now: Timestamp): Access {
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
    if (bearer !== undefined) return this.#tokenGiven(bearer, now);
    const cookie = readCookie(headers.cookie, this.#cookieName);
    if (cookie !== undefined && sameSecret(cookie, this.#session)) return { kind: "allowed" };
    if (this.#isLocked(now)) return LOCKED;
    if (cookie !== undefined && !this.#badCookies.has(cookie)) {
      const oldest = this.#badCookies.values().next();
      if (this.#badCookies.size >= BAD_TOKENS && !oldest.done) this.#badCookies.delete(oldest.value);
      this.#badCookies.add(cookie);
      this.#countBad(now);
    }
    return refused(401, "open the address with its token, as Peerscope printed it");
  }

  #tokenGiven(given: string, now: Timestamp): Access {
    if (this.#isLocked(now)) return LOCKED;
    if (sameSecret(given, this.token)) return { kind: "allowed" };
    this.#countBad(now);
    return refused(401, "that is not the token of this run");
  }

  #isLocked(now: Timestamp): boolean {
    return now < this.#lockedUntil;
  }

  #countBad(now: Timestamp): void {
    this.#badAt.push(now);
    while ((this.#badAt[0] as Timestamp) <= now - WINDOW) this.#badAt.shift();
    if (this.#badAt.length < BAD_TOKENS) return;
    this.#lockedUntil = now + LOCK;
    this.#badAt.length = 0;
    this.#badCookies.clear();
  }
}

const LOCKED: Refusal = { kind: "refused", status: 429, words: "too many wrong tokens: try again in a minute" };

function refused(status: Refusal["status"], words: string): Refusal {
  return { kind: "refused", status, words };
}

/** Only a path of our own: no proxy's `GET http://…`, no `OPTIONS *`. */
function wrongForm({ target }: RequestFacts): Refusal | undefined {
  return target.startsWith("/") && !target.startsWith("//") ? undefined : refused(400, "the target is not a path");
}

/** A page of another site may lead here by a link, but not fetch, embed or post. */
function foreignFetch(headers: IncomingHttpHeaders): Refusal | undefined {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return undefined;
  const isLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
  return isLink ? undefined : refused(403, `the request comes from ${printable(site)}`);
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Hashing first makes both sides equally long, whatever was given. */
function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(secret).digest());
}

function printable(text: string | string[]): string {
  return String(text)
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 100);
}
