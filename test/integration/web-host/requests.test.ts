import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startWebHost } from "../../../core/host/web-host.ts";
import { FakeEngine, type HostFixture, startFixture } from "./fixture.ts";

let fixture: HostFixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

describe("the token", () => {
  test("has 128 bits and is in the printed address", () => {
    expect(fixture.host.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
  });

  test("is another at every start", async () => {
    const other = await startFixture();
    expect(other.token).not.toBe(fixture.token);
    await other.close();
  });

  test("turns into an HttpOnly, SameSite=Strict cookie named after the port, and leaves the address", async () => {
    const answer = await fixture.ask(`/?token=${fixture.token}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    const [cookie] = answer.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(new RegExp(`^peerscope-${fixture.port}=[0-9a-f]{32}; HttpOnly; SameSite=Strict; Path=/$`));
    expect(cookie).not.toContain(fixture.token);
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  test.each(["/", "/index.html", "/assets/index-3f2a9c1d.js", "/nowhere"])("is wanted for %s", async (path) => {
    const answer = await fixture.ask(path);
    expect(answer.status).toBe(401);
    expect(answer.body).toBe("open the address with its token, as Peerscope printed it\n");
  });

  test("may come as a bearer", async () => {
    expect((await fixture.ask("/", { authorization: `Bearer ${fixture.token}` })).status).toBe(200);
    expect((await fixture.ask("/", { authorization: "Bearer 00" })).status).toBe(401);
    expect((await fixture.ask("/", { authorization: `Basic ${fixture.token}` })).status).toBe(401);
  });

  test("opens nothing through another port's cookie", async () => {
    const value = (await fixture.cookie()).split("=")[1];
    expect((await fixture.ask("/", { cookie: `peerscope-${fixture.port + 1}=${value}` })).status).toBe(401);
    expect((await fixture.ask("/", { cookie: `a=b; peerscope-${fixture.port}=${value}; c=d` })).status).toBe(200);
  });

  test("is locked for all after five wrong ones, but not for who is in", async () => {
    const cookie = await fixture.cookie();
    for (let i = 0; i < 5; i++) expect((await fixture.ask(`/?token=wrong${i}`)).status).toBe(401);
    const locked = await fixture.ask(`/?token=${fixture.token}`);
    expect(locked.status).toBe(429);
    expect(locked.headers["retry-after"]).toBe("60");
    expect((await fixture.ask("/", { authorization: `Bearer ${fixture.token}` })).status).toBe(429);
    expect((await fixture.ask("/", { cookie })).status).toBe(200);
  });
});

describe("the host name", () => {
  test.each(["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])("may be %s", async (name) => {
    const cookie = await fixture.cookie();
    expect((await fixture.ask("/", { host: `${name}:${fixture.port}`, cookie })).status).toBe(200);
  });

  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "2130706433",
    "@127.0.0.1",
  ])("that leads here from elsewhere, %s, is answered 421 whatever token comes with it", async (name) => {
    const host = /:\d+$/.test(name) || name === "127.0.0.1" || name === "localhost" ? name : `${name}:${fixture.port}`;
    const answer = await fixture.ask(`/?token=${fixture.token}`, { host });
    expect(answer.status).toBe(421);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("is not guessed at: wrong hosts do not count as wrong tokens", async () => {
    for (let i = 0; i < 10; i++) await fixture.ask("/?token=wrong", { host: "evil.example" });
    expect((await fixture.ask(`/?token=${fixture.token}`)).status).toBe(303);
  });
});

describe("other sites", () => {
  test.each(["cross-site", "same-site"])(
    "get nothing by fetching (%s), and can't lock us by guessing",
    async (site) => {
      const cookie = await fixture.cookie();
      const headers = { cookie, "sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" };
      expect((await fixture.ask("/assets/index-3f2a9c1d.js", headers)).status).toBe(403);
      for (let i = 0; i < 6; i++) expect((await fixture.ask("/?token=wrong", headers)).status).toBe(403);
      expect((await fixture.ask(`/?token=${fixture.token}`)).status).toBe(303);
    },
  );

  test("may lead here by a link, but not in a frame", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect((await fixture.ask(`/?token=${fixture.token}`, link)).status).toBe(303);
    const frame = { ...link, "sec-fetch-dest": "iframe" };
    expect((await fixture.ask(`/?token=${fixture.token}`, frame)).status).toBe(403);
  });

  test("never see a CORS header", async () => {
    const cookie = await fixture.cookie();
    for (const method of ["GET", "OPTIONS"]) {
      const answer = await fixture.ask("/", { cookie, origin: "http://evil.example" }, method);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])("and all others change nothing by %s", async (method) => {
    const answer = await fixture.ask("/", { cookie: await fixture.cookie() }, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
    expect(fixture.engine.received).toEqual([]);
  });
});

describe("the files", () => {
  test("come with their types, lengths and caching", async () => {
    const cookie = await fixture.cookie();
    const index = await fixture.ask("/", { cookie });
    expect(index.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(index.headers["cache-control"]).toBe("no-cache");
    expect(index.body).toContain("<title>Peerscope</title>");
    const script = await fixture.ask("/assets/index-3f2a9c1d.js", { cookie });
    expect(script.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(script.headers["content-length"]).toBe("10");
    expect(script.headers["cache-control"]).toBe("private, max-age=31536000, immutable");
    expect((await fixture.ask("/assets/inter-0a1b2c3d.woff2", { cookie })).headers["content-type"]).toBe("font/woff2");
    expect((await fixture.ask("/assets/plain.css", { cookie })).headers["cache-control"]).toBe("no-cache");
    const head = await fixture.ask("/assets/index-3f2a9c1d.js", { cookie }, "HEAD");
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  test.each([
    "/assets",
    "/assets/",
    "/empty/",
    "/notes.txt",
    "/linked.html",
    "/../secret.html",
    "/assets/../../secret.html",
    "/..%2fsecret.html",
    "/%2e%2e/secret.html",
    "/assets/..%5c..%5csecret.html",
    "/assets//index-3f2a9c1d.js",
    "/index.html%00.js",
    "/engine",
  ])("do not include %s: no listing, no way out", async (path) => {
    const answer = await fixture.ask(path, { cookie: await fixture.cookie() });
    expect(answer.status).toBe(404);
    expect(answer.body).toBe("there is no such file\n");
  });

  test("are not fetched for others: a proxy's request is refused", async () => {
    const cookie = await fixture.cookie();
    expect((await fixture.ask("http://evil.example/", { cookie })).status).toBe(400);
    expect((await fixture.ask("//evil.example/", { cookie })).status).toBe(400);
  });

  test("must be there at the start", async () => {
    const empty = mkdtempSync(join(tmpdir(), "peerscope-empty-"));
    const started = startWebHost({ engine: new FakeEngine(), rendererFolder: pathToFileURL(`${empty}/`) });
    await expect(started).rejects.toThrow("the interface is not built");
    rmSync(empty, { recursive: true });
  });
});

describe("every answer", () => {
  test.each([
    ["a file", "/", 200],
    ["an entrance", "/?token=TOKEN", 303],
    ["a refusal", "/?token=wrong", 401],
    ["a missing file", "/nowhere", 404],
  ])("carries the security headers: %s", async (_name, path, status) => {
    const asked = path.replace("TOKEN", fixture.token);
    const answer = await fixture.ask(asked, path.includes("token") ? {} : { cookie: await fixture.cookie() });
    expect(answer.status).toBe(status);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(answer.headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
        "require-trusted-types-for 'script'",
    );
  });

  test("comes on loopback only", async () => {
    const outward = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address !== undefined && !address.internal && address.family === "IPv4");
    for (const address of outward) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = connect({ host: address?.address ?? "", port: fixture.port });
        socket.on("connect", () => resolve("connected"));
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"));
      });
      expect(outcome).not.toBe("connected");
    }
    expect(new URL(fixture.host.address).hostname).toBe("127.0.0.1");
  });

  test("is 400 to what is not HTTP, and the host lives", async () => {
    const text = await new Promise<string>((resolve, reject) => {
      let received = "";
      const socket = connect({ host: "127.0.0.1", port: fixture.port }, () =>
        socket.write("\x13BitTorrent protocol\r\n\r\n"),
      );
      socket.on("data", (part) => (received += part.toString()));
      socket.on("close", () => resolve(received));
      socket.on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fixture.ask("/", { cookie: await fixture.cookie() })).status).toBe(200);
  });
});

test("a port in use is said, not worked around", async () => {
  await expect(startFixture(fixture.port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});
