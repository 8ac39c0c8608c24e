import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TorrentId } from "../../../core/model/info-hash.ts";
import type { GonePeer } from "../../../core/model/peer-face.ts";
import { flagLetters } from "../../../core/model/peer-flags.ts";
import type { Content } from "../../sim/support/content.ts";
import { EngineFixture, HonestSeed, sha256 } from "../hostile/engine-fixture.ts";
import { startHttpFixture } from "../trackers/http-fixture.ts";
import { type Answer, SeedServer } from "./seed-server.ts";

const fixture = new EngineFixture();
const open: { close(): Promise<void> }[] = [];

beforeAll(() => fixture.start());
afterAll(() => fixture.stop());
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function seedServer(path?: string, more?: readonly string[]): Promise<SeedServer> {
  const server = await SeedServer.open(path, more);
  open.push(server);
  return server;
}

const isRight = (content: Content): boolean => fixture.sha256(content) === sha256(content.bytes);
const gone = (torrent: TorrentId): Promise<GonePeer> => fixture.seen(() => fixture.details(torrent).gone?.[0]);

/** Bytes as our own peers would not give them. */
const wrong = (length: number): Uint8Array => new Uint8Array(length).fill(0x55);

describe("a torrent completes from a web seed alone that", () => {
  test("serves ranges, and shows it as a peer", async (context) => {
    const server = await seedServer();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.answer = async (response, first, last) => {
      await released;
      server.give(response, first, last);
    };
    const torrent = await fixture.add(server.content);
    context.onTestFailed(() => console.error(fixture.picture(torrent), server.requests));
    const peer = await fixture.seen(() =>
      [...(fixture.details(torrent).peers?.values() ?? [])].find(({ requestsOut }) => requestsOut > 0),
    );
    expect(flagLetters(peer)).toBe("DW=");
    expect(peer).toMatchObject({ host: "127.0.0.1", port: server.port, transport: "web", client: "Web seed" });
    release();
    await fixture.complete(torrent);
    expect(isRight(server.content)).toBe(true);
    expect(server.requests.length).toBeLessThan(16);
    const record = await gone(torrent);
    expect(record).toMatchObject({ reason: "both-seeds", transport: "web", payloadDown: server.size, payloadUp: 0 });
  });

  test("knows no ranges and gives the whole file each time", async () => {
    const server = await seedServer();
    server.answer = (response) => server.giveAll(response);
    await fixture.complete(await fixture.add(server.content));
    expect(isRight(server.content)).toBe(true);
  });

  test("redirects to another path", async () => {
    const server = await seedServer("/old");
    server.answer = (response, first, last, request) => {
      if (request.url === "/new") return server.give(response, first, last);
      response.writeHead(302, { location: "/new" }).end("over there");
    };
    await fixture.complete(await fixture.add(server.content));
    expect(isRight(server.content)).toBe(true);
  });

  test("drips its bytes in chunks of any size", async () => {
    const server = await seedServer();
    server.answer = async (response, first, last) => {
      const body = server.content.bytes.subarray(first, last + 1);
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${server.size}` });
      for (let at = 0; at < body.length; at += 7001) {
        await new Promise((resolve) => response.write(body.slice(at, at + 7001), resolve));
      }
      response.end();
    };
    await fixture.complete(await fixture.add(server.content));
    expect(isRight(server.content)).toBe(true);
  });

  test("speaks BEP 17", async () => {
    const server = await seedServer();
    const { bytes, metainfo, file } = server.content;
    server.answer = (response, _first, _last, request) => {
      const query = new URL(request.url ?? "", server.origin).searchParams;
      const [first = 0, last = 0] = (query.get("ranges") ?? "").split("-").map(Number);
      const at = Number(query.get("piece")) * metainfo.pieceLength;
      response.end(bytes.subarray(at + first, at + last + 1));
    };
    const url = `${server.origin}/script`;
    // Beside `info` alone: the two lists of web seeds are no part of what the hash vouches for.
    const text = Buffer.from(file)
      .toString("latin1")
      .replace(/8:url-listl.*e$/s, "e");
    const renamed = Buffer.from(text.replace("4:infod", `9:httpseedsl${url.length}:${url}e4:infod`), "latin1");
    await fixture.complete(await fixture.add({ ...server.content, file: new Uint8Array(renamed) }));
    expect(isRight(server.content)).toBe(true);
    expect(server.requests.every((request) => request.startsWith("GET /script?info_hash="))).toBe(true);
  });
});

interface Bad {
  readonly what: string;
  readonly detail: RegExp;
  readonly by?: "peer" | "network";
  readonly answer: (server: SeedServer) => Answer;
}

const BAD: readonly Bad[] = [
  { what: "404", detail: /^HTTP status 404$/, answer: () => (response) => response.writeHead(404).end("no") },
  { what: "503", detail: /^HTTP status 503$/, answer: () => (response) => response.writeHead(503).end() },
  { what: "416", detail: /^HTTP status 416$/, answer: () => (response) => response.writeHead(416).end() },
  { what: "an empty 204", detail: /^HTTP status 204$/, answer: () => (response) => response.writeHead(204).end() },
  {
    what: "another range",
    detail: /^it gave bytes 1-65536, asked for 0-\d+$/,
    answer: (server) => (response, first, last) =>
      server.give(response, first, last, { range: `bytes 1-65536/${server.size}` }),
  },
  {
    what: "a range that is none",
    detail: /^its range is "lots of bytes"$/,
    answer: (server) => (response, first, last) => server.give(response, first, last, { range: "lots of bytes" }),
  },
  {
    what: "a file of another length",
    detail: /^its file has 12345678 bytes, the torrent's \d+$/,
    answer: (server) => (response, first, last) =>
      server.give(response, first, last, { range: `bytes ${first}-${last}/12345678` }),
  },
  {
    what: "a page instead of the file",
    detail: /^its file has 9 bytes, the torrent's \d+$/,
    answer: () => (response) => response.end("<h1>Hi!</"),
  },
  {
    what: "fewer bytes than its range",
    detail: /^its answer is 100 bytes, \d+ were asked for$/,
    answer: (server) => (response, first, last) => server.give(response, first, last, { body: wrong(100) }),
  },
  {
    what: "a body that ends early",
    detail: /^its answer ended after 100 of \d+ bytes$/,
    answer: (server) => (response, first, last) => {
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${server.size}` });
      response.end(wrong(100));
    },
  },
  {
    what: "a body without an end",
    detail: /^it gave more than the \d+ bytes asked for$/,
    answer: (server) => (response, first, last) => {
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${server.size}` });
      const more = () => {
        while (!response.destroyed && response.write(wrong(65_536)));
      };
      response.on("drain", more);
      more();
    },
  },
  {
    what: "a packed body",
    detail: /^its answer is packed as gzip$/,
    answer: (server) => (response, first, last) => {
      const body = gzipSync(server.content.bytes.subarray(first, last + 1));
      server.give(response, first, last, { body, headers: { "content-encoding": "gzip" } });
    },
  },
  {
    what: "a broken connection",
    by: "network",
    detail: /^connection (reset|closed before the answer was whole)$/,
    answer: () => (response) => response.destroy(),
  },
  {
    what: "what is not HTTP",
    by: "network",
    detail: /^its answer is not HTTP$/,
    answer: () => (response) => {
      response.socket?.write("\0\0\0garbage\r\n\r\n");
    },
  },
  {
    what: "redirects in a circle",
    detail: /^more than 5 redirects$/,
    answer: () => (response) => response.writeHead(302, { location: "/again" }).end(),
  },
  {
    what: "a redirect to another protocol",
    detail: /^it leads to a file: address; only http: and https: are asked$/,
    answer: () => (response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  },
  {
    what: "a redirect to a local address with a query",
    detail: /^it is a loopback address with a query, which may do more than read$/,
    answer: () => (response) => response.writeHead(302, { location: "/admin?do=it" }).end(),
  },
];

test.for(BAD.map((row) => [row.what, row] as const))(
  "%s ends it in words, and a peer gives the torrent",
  async ([, { answer, detail, by = "peer" }]) => {
    const server = await seedServer();
    server.answer = answer(server);
    const torrent = await fixture.add(server.content);
    const record = await gone(torrent);
    expect(record).toMatchObject({ reason: "web-seed-failed", code: -209, by, transport: "web", port: server.port });
    expect(record.detail).toMatch(detail);
    const log = fixture.details(torrent).log?.map(({ text }) => text);
    expect(log).toContain(`Web seed ${server.origin}/file: ${record.detail}.`);
    const friend = await HonestSeed.open(server.content);
    open.push(friend.listener);
    friend.giveEverything();
    await fixture.connect(torrent, friend.port);
    await fixture.complete(torrent);
    expect(isRight(server.content)).toBe(true);
    expect(server.requests.filter((request) => request === "GET /file").length).toBeLessThan(3);
  },
);

describe("a web seed is not asked", () => {
  test("on a local address with a query", async () => {
    const server = await seedServer("/file?delete=everything");
    const record = await gone(await fixture.add(server.content));
    expect(record).toMatchObject({ reason: "web-seed-failed", by: "peer" });
    expect(record.detail).toBe("it is a loopback address with a query, which may do more than read");
    expect(server.requests).toEqual([]);
  });

  test("when nobody is there, which is the network's doing", async () => {
    const dead = await startHttpFixture(() => undefined);
    await dead.close();
    const server = await seedServer("/file", [`${dead.origin}/file`]);
    const torrent = await fixture.add(server.content);
    await fixture.complete(torrent);
    const record = await fixture.gone(torrent, dead.port);
    expect(record).toMatchObject({ reason: "web-seed-failed", by: "network", detail: "connection refused" });
  });
});

test("a web seed that gives wrong bytes is banned with the evidence, and a peer gives the torrent", async () => {
  const server = await seedServer();
  server.answer = (response, first, last) => server.give(response, first, last, { body: wrong(last + 1 - first) });
  const torrent = await fixture.add(server.content);
  const record = await gone(torrent);
  expect(record).toMatchObject({ reason: "banned", transport: "web" });
  expect(record.detail).toMatch(/^piece \d+ failed its hash, every block came from it$/);
  const friend = await HonestSeed.open(server.content);
  open.push(friend.listener);
  friend.giveEverything();
  await fixture.connect(torrent, friend.port);
  await fixture.complete(torrent);
  expect(isRight(server.content)).toBe(true);
});

test("a web seed that stalls holds nothing back that a peer can give", async () => {
  const server = await seedServer();
  server.answer = (response, first, last) => {
    response.writeHead(206, { "content-range": `bytes ${first}-${last}/${server.size}` });
    response.write(server.content.bytes.subarray(first, first + 20_000));
  };
  const torrent = await fixture.add(server.content);
  const friend = await HonestSeed.open(server.content);
  open.push(friend.listener);
  friend.giveEverything();
  await fixture.connect(torrent, friend.port);
  await fixture.complete(torrent);
  expect(isRight(server.content)).toBe(true);
});
