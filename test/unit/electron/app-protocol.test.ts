import { describe, expect, test } from "vitest";
import type { Assets } from "../../../core/host/web/assets.ts";
import { answerRequest, isOwnUrl } from "../../../electron/app-protocol.ts";

const page = {
  bytes: new TextEncoder().encode("<!doctype html>"),
  contentType: "text/html; charset=utf-8",
  isImmutable: false,
};
const script = {
  bytes: new TextEncoder().encode("1"),
  contentType: "text/javascript; charset=utf-8",
  isImmutable: true,
};
const assets: Assets = new Map([
  ["/", page],
  ["/index.html", page],
  ["/assets/main-01234567.js", script],
]);
const get = (url: string, method = "GET") => answerRequest(assets, { url, method });

describe("the app protocol", () => {
  test("serves the built files with their types", async () => {
    const answer = get("app://peerscope/");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe("<!doctype html>");
    expect(get("app://peerscope/assets/main-01234567.js?v=1#x").status).toBe(200);
  });

  test("sends the content security policy by header, with every answer", () => {
    for (const answer of [get("app://peerscope/"), get("app://peerscope/nothing"), get("app://other/")]) {
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test.each([
    "app://peerscope/../../etc/passwd",
    "app://peerscope/..%2f..%2fetc/passwd",
    "app://peerscope/%2e%2e/%2e%2e/etc/passwd",
    "app://peerscope/assets/..\\..\\package.json",
    "app://peerscope/assets/",
    "app://peerscope/index.html%00",
    "app://peerscope//index.html",
    "app://peerscope/C:/Windows/win.ini",
  ])("finds nothing outside of the built files: %s", (url) => {
    expect(get(url).status).toBe(404);
  });

  test("normalises a path before it looks it up", () => {
    expect(get("app://peerscope/assets/../index.html").status).toBe(200);
    expect(get("app://peerscope/./assets/./main-01234567.js").status).toBe(200);
  });

  test("answers no other host and no other method", () => {
    expect(get("app://evil/").status).toBe(403);
    expect(get("app://peerscope.evil/").status).toBe(403);
    expect(get("app://peerscope/", "POST").status).toBe(405);
  });
});

test.each([
  ["app://peerscope/", true],
  ["app://peerscope/index.html?x", true],
  ["app://peerscope.evil.example/", false],
  ["app://user@peerscope/", false],
  ["app://evil.example/app://peerscope/", false],
  ["https://peerscope/", false],
  ["file:///app://peerscope/", false],
  ["about:blank", false],
  ["not a url", false],
  ["", false],
])("%s is the page's own address: %s", (url, isOwn) => {
  expect(isOwnUrl(url)).toBe(isOwn);
});
