import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AnnounceParameters } from "../../../core/discovery/announce-url.ts";
import { parseAnnounceAnswer, parseScrapeAnswer } from "../../../core/discovery/tracker-answer.ts";
import { UdpCall, type UdpConnection, type UdpOutcome } from "../../../core/discovery/udp-call.ts";
import { concatBytes, fromHex, fromLatin1, toHex, toLatin1 } from "../../../core/model/bytes.ts";
import { seededRandom } from "../../../core/model/random.ts";

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(" ", "")) as Uint8Array;
const infoHash = new Uint8Array(20).fill(0xab);
const parameters: AnnounceParameters = {
  infoHash,
  peerId: new Uint8Array(20).fill(0xcd),
  key: "0000beef",
  port: 6881,
  uploaded: 1,
  downloaded: 2 ** 33,
  left: 3,
  numwant: 50,
  event: "started",
};
const connection: UdpConnection = { id: hex("0102030405060708"), until: 60_000 };

function call(options: { path?: string; family?: 4 | 6; known?: UdpConnection; scrapes?: boolean } = {}): UdpCall {
  const request = options.scrapes
    ? ({ kind: "scrape", infoHash } as const)
    : ({ kind: "announce", parameters } as const);
  return new UdpCall(request, options.path ?? "/announce", options.family ?? 4, options.known, seededRandom(1), 0);
}

/** The tracker's answer to `asked`: the action, its transaction, and `rest`. */
const reply = (asked: Uint8Array, action: number, rest: string): Uint8Array =>
  concatBytes(hex(`0000000${action}`), asked.subarray(12, 16), hex(rest));

const sent = (one: UdpCall, now: number): Uint8Array => one.poll(now) as Uint8Array;

function bodyOf(outcome: UdpOutcome): Uint8Array {
  if (outcome.kind !== "answer") throw new Error(`an answer expected, got ${outcome.kind}`);
  return outcome.body;
}

describe("a call to a UDP tracker", () => {
  test("connects, then announces, as BEP 15 has it", () => {
    const one = call();
    const connect = sent(one, 0);
    expect(toHex(connect.subarray(0, 12))).toBe("000004172710198000000000");
    expect(connect).toHaveLength(16);
    expect(one.poll(1)).toBeUndefined();
    expect(one.received(reply(connect, 0, "0102030405060708"), 100)).toEqual({
      kind: "connected",
      connection: { id: connection.id, until: 60_100 },
    });
    const announce = sent(one, 100);
    expect(announce).toHaveLength(98);
    expect(toHex(announce.subarray(0, 12))).toBe("010203040506070800000001");
    expect(toHex(announce.subarray(16))).toBe(
      `${"ab".repeat(20)}${"cd".repeat(20)}000000020000000000000000000000030000000000000001` +
        "00000002000000000000beef000000321ae1",
    );
    const body = bodyOf(
      one.received(reply(announce, 1, "00000708 00000005 00000009 c0000201 1ae1 c0000202 0050"), 200),
    );
    expect(parseAnnounceAnswer(body)).toEqual({
      ok: true,
      answer: {
        interval: 1_800_000,
        leechers: 5,
        seeds: 9,
        peers: [
          { host: "192.0.2.1", port: 6881 },
          { host: "192.0.2.2", port: 80 },
        ],
      },
    });
  });

  test("uses a connection that is there, and asks for another when it is a minute old", () => {
    expect(sent(call({ known: connection }), 59_999)).toHaveLength(98);
    expect(sent(call({ known: connection }), 60_000)).toHaveLength(16);
  });

  test("reads peers of the family that it asked", () => {
    const one = call({ family: 6, known: connection });
    const peer = "20010db8000000000000000000000001 1ae1";
    const body = bodyOf(one.received(reply(sent(one, 0), 1, `0000070800000000 00000001 ${peer} 0102`), 1));
    expect(parseAnnounceAnswer(body)).toMatchObject({ answer: { peers: [{ host: "2001:db8::1", port: 6881 }] } });
  });

  test("scrapes", () => {
    const one = call({ known: connection, scrapes: true });
    const asked = sent(one, 0);
    expect(toHex(asked.subarray(8, 12))).toBe("00000002");
    expect(toHex(asked.subarray(16))).toBe("ab".repeat(20));
    const body = bodyOf(one.received(reply(asked, 2, "00000001 00000002 00000003"), 1));
    expect(parseScrapeAnswer(body, infoHash)).toMatchObject({ scrape: { seeds: 1, downloads: 2, leechers: 3 } });
  });

  test("says the path of the tracker's address where it is more than usual (BEP 41)", () => {
    const tail = (path: string): string => toLatin1(sent(call({ path, known: connection }), 0).subarray(98));
    expect(tail("/announce")).toBe("");
    expect(tail("/announce?key=1")).toBe("\x02\x0f/announce?key=1\x00");
    expect(tail(`/${"a".repeat(299)}`)).toBe(`\x02\xff/${"a".repeat(254)}\x02\x2d${"a".repeat(45)}\x00`);
  });

  test("is sent again after 15 s, then after twice as long each time, and connects anew when a minute has gone", () => {
    const one = call();
    const times: number[] = [];
    for (let now = 0; now < 10_000_000; now += 5000) if (one.poll(now) !== undefined) times.push(now / 1000);
    expect(times).toEqual([0, 15, 45, 105, 225, 465, 945, 1905, 3825]);
    const two = call({ known: connection });
    expect([0, 15_000, 45_000, 105_000].map((now) => sent(two, now).length)).toEqual([98, 98, 98, 16]);
  });

  test("tells a refusal in the tracker's words, and then the connection is gone", () => {
    const one = call({ known: connection });
    expect(one.isRefused).toBe(false);
    const words = toHex(fromLatin1("unregistered torrent"));
    expect(parseAnnounceAnswer(bodyOf(one.received(reply(sent(one, 0), 3, words), 1)))).toEqual({
      ok: false,
      fault: "unregistered torrent",
    });
    expect(one.isRefused).toBe(true);
  });

  test("passes over what is not the answer to its last packet", () => {
    const one = call();
    const first = sent(one, 0);
    const second = sent(one, 15_000);
    for (const wrong of [
      new Uint8Array(0),
      hex("00000000"),
      reply(first, 0, "0102030405060708"),
      reply(second, 0, "01020304"),
      reply(second, 1, "0102030405060708"),
      reply(second, 7, "0102030405060708"),
    ]) {
      expect(one.received(wrong, 15_001).kind).toBe("ignored");
    }
    expect(one.received(reply(second, 0, "0102030405060708"), 15_001).kind).toBe("connected");
    const announce = sent(one, 15_001);
    expect(one.received(reply(announce, 1, "0102"), 15_002).kind).toBe("ignored");
    expect(one.received(reply(announce, 2, "000000010000000200000003"), 15_002).kind).toBe("ignored");
    expect(one.received(announce, 15_002).kind).toBe("ignored");
  });

  test("makes of any datagram nothing, or an answer that can be read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(4), fc.boolean(), (rest, action, scrapes) => {
        const one = call({ known: connection, scrapes });
        const asked = sent(one, 0);
        const outcome = one.received(concatBytes(Uint8Array.of(0, 0, 0, action), asked.subarray(12, 16), rest), 1);
        if (outcome.kind !== "answer") return;
        if (scrapes && action !== 3) expect(parseScrapeAnswer(outcome.body, infoHash).ok).toBe(true);
        else expect(parseAnnounceAnswer(outcome.body).ok).toBe(action !== 3);
      }),
    );
  });
});
