import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Announcer } from "../../../core/discovery/announcer.ts";
import { startDemoTracker } from "../../../core/host/demo/demo-tracker.ts";
import { seededRandom } from "../../../core/model/random.ts";
import { askTracker } from "../../../core/runtime/http/tracker.ts";
import { listen, startHttpFixture } from "./http-fixture.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function bad(answer: (socket: Socket) => void): Promise<string> {
  const fixture = await listen(createServer((socket) => void socket.once("data", () => answer(socket))));
  closing.push(fixture.close);
  return `${fixture.origin}/announce`;
}

async function page(status: number, body: string | Buffer): Promise<string> {
  const fixture = await startHttpFixture((_, response) => response.writeHead(status).end(body));
  closing.push(fixture.close);
  return `${fixture.origin}/announce`;
}

test("a tracker behind tiers of wrong ones is reached within 2 s, and each row says what was wrong", async () => {
  const tracker = await startDemoTracker();
  closing.push(tracker.close);
  const infoHash = new Uint8Array(20).fill(3);
  tracker.register(infoHash, { endpoint: { host: "127.0.0.1", port: 4000 }, isSeed: true });
  const wrong = [
    { url: await page(200, "<html>not a tracker</html>"), message: "its answer is malformed" },
    { url: await page(200, Buffer.alloc(5 * 1024 * 1024, "d")), message: "its answer is larger than 4 MiB" },
    { url: await page(503, "busy"), message: "HTTP status 503" },
    { url: await page(200, "d14:failure reason12:unregisterede"), message: "unregistered" },
    { url: await bad((socket) => socket.destroy()), message: "connection" },
    { url: await bad((socket) => socket.end("hello\r\n")), message: "its answer is not HTTP" },
  ];
  const announcer = new Announcer({
    tiers: [...wrong.map(({ url }) => [url]), [tracker.url]],
    random: seededRandom(1),
    infoHash,
    peerId: new Uint8Array(20).fill(4),
    key: "k",
  });
  const begun = Date.now();
  announcer.start(begun);
  const found: unknown[] = [];
  for (;;) {
    const totals = { port: 5000, uploaded: 0, downloaded: 0, left: 1, numwant: 50 };
    const orders = announcer.poll(Date.now(), totals);
    if (orders.length === 0) break;
    for (const order of orders) {
      const result = await askTracker(order);
      if (result.ok) found.push(...announcer.answered(order.id, result.body, Date.now()).peers);
      else announcer.failed(order.id, result.fault, Date.now());
    }
  }
  expect(found).toEqual([{ host: "127.0.0.1", port: 4000 }]);
  const views = announcer.views();
  expect(views.map(({ state }) => state)).toEqual([...wrong.map(() => "failed"), "working"]);
  wrong.forEach(({ message }, tier) => {
    expect(views[tier]?.message).toContain(message);
  });
});
