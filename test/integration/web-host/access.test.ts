import { describe, expect, test } from "vitest";
import { AccessGuard } from "../../../core/host/web/access.ts";

const PORT = 8123;
const headers = { host: `127.0.0.1:${PORT}` };
const withToken = (token: string) => ({ method: "GET", target: `/?token=${token}`, headers });
const withCookie = (value: string) => ({
  method: "GET",
  target: "/",
  headers: { ...headers, cookie: `peerscope-${PORT}=${value}` },
});

/** What the guard says to each of `count` different wrong tokens. */
function guess(guard: AccessGuard, count: number, now: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const access = guard.request(withToken(`wrong${i}`), now);
    return access.kind === "refused" ? String(access.status) : access.kind;
  });
}

describe("guessing", () => {
  test("five wrong tokens lock for a minute, and a second later the right one is good again", () => {
    const guard = new AccessGuard(PORT);
    expect(guess(guard, 7, 1000)).toEqual(["401", "401", "401", "401", "401", "429", "429"]);
    expect(guard.request(withToken(guard.token), 60_999)).toMatchObject({ status: 429 });
    expect(guard.request(withToken(guard.token), 61_000)).toEqual({ kind: "entering" });
  });

  test("four a minute never lock", () => {
    const guard = new AccessGuard(PORT);
    for (let minute = 0; minute < 10; minute++) {
      expect(guess(guard, 4, minute * 60_000)).toEqual(["401", "401", "401", "401"]);
    }
    expect(guard.request(withToken(guard.token), 600_000)).toEqual({ kind: "entering" });
  });

  test("the forgotten tab of an earlier run asks on and on, and locks nobody out", () => {
    const guard = new AccessGuard(PORT);
    for (let i = 0; i < 100; i++) {
      expect(guard.request(withCookie("of-yesterday"), i * 1000)).toMatchObject({ status: 401 });
    }
    expect(guard.request(withToken(guard.token), 100_000)).toEqual({ kind: "entering" });
  });

  test("different wrong cookies count as wrong tokens", () => {
    const guard = new AccessGuard(PORT);
    for (let i = 0; i < 5; i++) guard.request(withCookie(`wrong${i}`), 0);
    expect(guard.request(withToken(guard.token), 0)).toMatchObject({ status: 429 });
  });

  test("the token is no cookie, and the cookie is no token", () => {
    const guard = new AccessGuard(PORT);
    const session = /=([0-9a-f]{32});/.exec(guard.cookie)?.[1] ?? "";
    expect(guard.request(withCookie(session), 0)).toEqual({ kind: "allowed" });
    expect(guard.request(withCookie(guard.token), 0)).toMatchObject({ status: 401 });
    expect(guard.request(withToken(session), 0)).toMatchObject({ status: 401 });
  });

  test("a token may not be cut, extended or repeated", () => {
    const guard = new AccessGuard(PORT);
    for (const wrong of [
      "",
      guard.token.slice(0, -1),
      `${guard.token}0`,
      guard.token.toUpperCase().replace(/\d/g, "A"),
    ]) {
      expect(guard.request(withToken(wrong), 0)).toMatchObject({ kind: "refused" });
    }
    const twice = { method: "GET", target: `/?token=0&token=${guard.token}`, headers };
    expect(new AccessGuard(PORT).request(twice, 0)).toMatchObject({ status: 401 });
  });
});

test("on port 80 the host may come without it", () => {
  const guard = new AccessGuard(80);
  const at = (host: string) => guard.request({ method: "GET", target: `/?token=${guard.token}`, headers: { host } }, 0);
  expect(at("127.0.0.1")).toEqual({ kind: "entering" });
  expect(at("localhost:80")).toEqual({ kind: "entering" });
  expect(at("evil.example:80")).toMatchObject({ status: 421 });
  expect(at("127.0.0.1:8080")).toMatchObject({ status: 421 });
});
