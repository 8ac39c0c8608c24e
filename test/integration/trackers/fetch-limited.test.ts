import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { fetchTorrent } from "../../../core/runtime/http/fetch-limited.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { type HttpFixture, listen, startHttpFixture } from "./http-fixture.ts";

const MIB = 1024 * 1024;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<HttpFixture> {
  const fixture = await startHttpFixture(answer);
  closing.push(fixture.close);
  return fixture;
}

/** A server that speaks raw bytes. */
async function serveRaw(write: (socket: Socket) => void) {
  const fixture = await listen(createTcpServer(write));
  closing.push(fixture.close);
  return fixture;
}

const announce = (origin: string, timeout = 5_000) =>
  askTracker({ url: `${origin}/announce?info_hash=x`, tracker: `${origin}/announce`, timeout });

describe("a tracker's answer", () => {
  test("comes as its bytes", async () => {
    const { origin, requests } = await serve((_, response) => response.end("d8:intervali60ee"));
    const result = await announce(origin);
    expect(result).toMatchObject({ ok: true, url: `${origin}/announce?info_hash=x` });
    expect(result.ok && Buffer.from(result.body).toString()).toBe("d8:intervali60ee");
    expect(requests).toEqual(["GET /announce?info_hash=x"]);
  });

  test("keeps the exact percent-encoding of what is asked", async () => {
    const { origin, requests } = await serve((_, response) => response.end("de"));
    const query = "info_hash=%12J%001%FF~-_.z%20%26%25%3D%5C%3B%5B%5D&peer_id=%2DPS";
    await askTracker({ url: `${origin}/announce?${query}`, tracker: `${origin}/announce` });
    expect(requests).toEqual([`GET /announce?${query}`]);
  });

  test("is inflated when it comes packed", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("d5:peers0:e"));
    });
    const result = await announce(origin);
    expect(result.ok && Buffer.from(result.body).toString()).toBe("d5:peers0:e");
  });

  test("with a failing status is given when it is bencoded: it may say why", async () => {
    const { origin } = await serve((_, response) => response.writeHead(403).end("d14:failure reason4:nopee"));
    expect((await announce(origin)).ok).toBe(true);
  });

  test("with a failing status and a page is a fault", async () => {
    const { origin } = await serve((_, response) => response.writeHead(404).end("<html>"));
    expect(await announce(origin)).toEqual({ ok: false, fault: "HTTP status 404" });
  });

  test("follows five redirects and not six", async () => {
    const { origin } = await serve((request, response) => {
      const left = Number(new URL(request.url ?? "", "http://x").pathname.split("/")[2]);
      if (left === 0) response.end("de");
      else response.writeHead(302, { location: `/announce/${left - 1}` }).end("moved");
    });
    const from = (count: number) =>
      askTracker({ url: `${origin}/announce/${count}`, tracker: `${origin}/announce/${count}` });
    expect((await from(5)).ok).toBe(true);
    expect(await from(6)).toEqual({ ok: false, fault: "more than 5 redirects" });
  });
});

describe("a hostile tracker", () => {
  test("that redirects to itself for ever is left", async () => {
    const { origin, requests } = await serve((_, response) => {
      response.writeHead(301, { location: "/announce" }).end();
    });
    expect(await announce(origin)).toEqual({ ok: false, fault: "more than 5 redirects" });
    expect(requests).toHaveLength(6);
  });

  test.each(["file:///etc/passwd", "ftp://127.0.0.1/announce", "data:text/plain,de", "unix:/run/x"])(
    "that redirects to %s is refused",
    async (location) => {
      const { origin } = await serve((_, response) => response.writeHead(302, { location }).end());
      const result = await announce(origin);
      expect(!result.ok && result.fault).toMatch(/only http: and https: are asked|its address is not valid/);
    },
  );

  test("that is slow is left when its time is up, however steadily it drips", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("d"), 20);
      response.on("close", () => clearInterval(drip));
    });
    expect(await announce(origin, 400)).toEqual({ ok: false, fault: "no whole answer within 0.4 s" });
  });

  test("that never answers is left when its time is up", async () => {
    const { origin } = await serveRaw(() => undefined);
    expect(await announce(origin, 300)).toEqual({ ok: false, fault: "no whole answer within 0.3 s" });
  });

  test("that drips its headers is left when its time is up", async () => {
    const { origin } = await serveRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const drip = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(drip));
    });
    expect(await announce(origin, 300)).toEqual({ ok: false, fault: "no whole answer within 0.3 s" });
  });

  test("that sends more than 4 MiB is cut off there", async () => {
    let sent = 0;
    const { origin } = await serve((_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && sent < 256 * MIB) {
          sent += chunk.length;
          if (!response.write(chunk)) return response.once("drain", more);
        }
        return response.end();
      };
      more();
    });
    expect(await announce(origin)).toEqual({ ok: false, fault: "its answer is larger than 4 MiB" });
    expect(sent).toBeLessThan(64 * MIB);
  });

  test("that packs 100 MiB into its answer is cut off at 4 MiB", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB));
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    expect(await announce(origin)).toEqual({ ok: false, fault: "its answer is larger than 4 MiB" });
  });

  test("whose packed answer is damaged, cut short or oddly packed gives a fault in words", async () => {
    const packed = gzipSync("d5:peers0:e".repeat(100));
    const answers = [
      { encoding: "gzip", body: Buffer.from("no gzip at all"), fault: "its packed answer is damaged" },
      { encoding: "gzip", body: packed.subarray(0, packed.length - 12), fault: "its packed answer is cut short" },
      { encoding: "br", body: packed, fault: "its answer is packed as br" },
    ];
    for (const { encoding, body, fault } of answers) {
      const { origin } = await serve((_, response) => {
        response.writeHead(200, { "content-encoding": encoding }).end(body);
      });
      expect(await announce(origin)).toEqual({ ok: false, fault });
    }
  });

  test("with headers beyond 64 KiB is cut off", async () => {
    const { origin } = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${`x: ${"y".repeat(96)}\r\n`.repeat(1_000)}\r\n`);
    });
    expect(await announce(origin)).toEqual({ ok: false, fault: "its headers are longer than 64 KiB" });
  });

  test.each([
    ["no HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n", "its answer is not HTTP"],
    [
      "half an answer",
      "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nd8:",
      "connection closed before the answer was whole",
    ],
    ["nothing", "", "connection closed before the answer was whole"],
  ])("that says %s and closes gives a fault in words", async (_, text, fault) => {
    const { origin } = await serveRaw((socket) => {
      socket.once("data", () => socket.end(text));
    });
    expect(await announce(origin)).toEqual({ ok: false, fault });
  });

  test("that is not there gives a fault in words", async () => {
    const fixture = await startHttpFixture((_, response) => response.end());
    await fixture.close();
    expect(await announce(fixture.origin)).toEqual({ ok: false, fault: "connection refused" });
  });
});

describe("a request to this machine", () => {
  const refusal = "a tracker on this machine is only asked under /announce, without a query";

  test.each(["/announce?passkey=1", "/admin/announce", "/", "/announced", "/api/v2/app/shutdown"])(
    "is refused for a tracker that is named with %s",
    async (path) => {
      const { origin, requests } = await serve((_, response) => response.end("de"));
      const tracker = `${origin}${path}`;
      expect(await askTracker({ url: `${tracker}${path.includes("?") ? "&" : "?"}info_hash=x`, tracker })).toEqual({
        ok: false,
        fault: refusal,
      });
      expect(requests).toEqual([]);
    },
  );

  test("is judged by where the name leads, not by how it is spelt", async () => {
    const { port, requests } = await serve((_, response) => response.end("de"));
    for (const host of ["localhost", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
      const tracker = `http://${host}:${port}/api`;
      expect(await askTracker({ url: tracker, tracker })).toEqual({ ok: false, fault: refusal });
    }
    expect(requests).toEqual([]);
  });

  test("is allowed for the scrape beside an announce", async () => {
    const { origin, requests } = await serve((_, response) => response.end("de"));
    const result = await askTracker({ url: `${origin}/scrape?info_hash=x`, tracker: `${origin}/announce` });
    expect(result.ok).toBe(true);
    expect(requests).toEqual(["GET /scrape?info_hash=x"]);
  });

  test("is refused when a tracker here redirects to another service here", async () => {
    const other = await serve((_, response) => response.end("de"));
    for (const location of ["/api/shutdown", "/announce?do=harm"]) {
      const { origin } = await serve((_, response) => {
        response.writeHead(307, { location: `${other.origin}${location}` }).end();
      });
      expect(await announce(origin)).toEqual({ ok: false, fault: refusal });
    }
    expect(other.requests).toEqual([]);
  });

  test("is allowed for a .torrent that the user named, anywhere", async () => {
    const { origin } = await serve((_, response) => response.end("d4:infodee"));
    expect((await fetchTorrent(`${origin}/files/a.torrent?session=1`)).ok).toBe(true);
  });
});

describe("a request", () => {
  test("ends when it is aborted, and its socket with it", async () => {
    let open = 0;
    const events = new EventEmitter();
    const asked = once(events, "asked");
    const left = once(events, "left");
    const { origin } = await serveRaw((socket) => {
      open++;
      socket.once("data", () => events.emit("asked"));
      socket.once("close", () => {
        open--;
        events.emit("left");
      });
    });
    const controller = new AbortController();
    const result = askTracker(
      { url: `${origin}/announce`, tracker: `${origin}/announce` },
      { signal: controller.signal },
    );
    await asked;
    controller.abort();
    expect(await result).toEqual({ ok: false, fault: "it was stopped here" });
    await left;
    expect(open).toBe(0);
  });

  test("that was aborted before it began asks nobody", async () => {
    const { origin, requests } = await serve((_, response) => response.end("de"));
    const result = await fetchTorrent(`${origin}/x.torrent`, { signal: AbortSignal.abort() });
    expect(result).toEqual({ ok: false, fault: "it was stopped here" });
    expect(requests).toEqual([]);
  });

  test.each(["", "x", "http://", "ftp://127.0.0.1/x", "http://[::1", "http://host:99999/"])(
    "to %j is a fault in words",
    async (url) => {
      expect(await fetchTorrent(url)).toMatchObject({ ok: false });
    },
  );

  test("carries the credentials of its address, and not to another origin", async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end("de");
    });
    const { port } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: other.origin }).end();
    });
    expect((await fetchTorrent(`http://user:p%20w@127.0.0.1:${port}/`)).ok).toBe(true);
    expect(seen).toEqual([`Basic ${Buffer.from("user:p w").toString("base64")}`, undefined]);
  });

  test("waits for the announce before it of the same torrent, and for no other", async () => {
    const answers: (() => void)[] = [];
    const events = new EventEmitter();
    const { origin, requests } = await serve((_, response) => {
      answers.push(() => response.end("de"));
      events.emit("asked");
    });
    const ask = (torrent: string, event: string) =>
      askTracker({
        url: `${origin}/announce?info_hash=${torrent}&peer_id=p&event=${event}`,
        tracker: `${origin}/announce`,
      });
    const asked = () => requests.map((request) => request.replace(/.*info_hash=(.).*event=/, "$1 "));
    const first = once(events, "asked");
    const results = [ask("a", "started"), ask("a", "stopped")];
    await first;
    const second = once(events, "asked");
    results.push(ask("b", "started"));
    await second;
    expect(asked()).toEqual(["a started", "b started"]);
    const third = once(events, "asked");
    answers[0]?.();
    await third;
    expect(asked()).toEqual(["a started", "b started", "a stopped"]);
    for (const answer of answers) answer();
    expect((await Promise.all(results)).every((result) => result.ok)).toBe(true);
  });

  test("goes out from the address it is told to", async () => {
    const { origin } = await serve((request, response) => response.end(request.socket.remoteAddress));
    const result = await fetchTorrent(`${origin}/`, { localAddress: "127.0.0.1" });
    expect(result.ok && Buffer.from(result.body).toString()).toBe("127.0.0.1");
    expect(await fetchTorrent(`${origin}/`, { localAddress: "::1" })).toEqual({
      ok: false,
      fault: "127.0.0.1 can't be reached from ::1",
    });
  });
});
