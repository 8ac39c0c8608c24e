import { describe, expect, test } from "vitest";
import { type AnnounceOrder, Announcer, MAX_TRACKERS } from "../../../core/discovery/announcer.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";
import { seededRandom } from "../../../core/model/random.ts";

const infoHash = new Uint8Array(20).fill(7);
const peerId = fromLatin1("-PS0100-abcdefghijkl");
const totals = { port: 6881, uploaded: 0, downloaded: 0, left: 1000, numwant: 50 };
const START = 1_000_000;
const MINUTE = 60_000;

const announcer = (tiers: readonly (readonly string[])[], seed = 1) =>
  new Announcer({ tiers, random: seededRandom(seed), infoHash, peerId, key: "k" });
const started = (...tiers: readonly (readonly string[])[]) => {
  const one = announcer(tiers);
  one.start(START);
  return one;
};
const url = (name: string) => `http://${name}.example/${name}`;
const answer = (fields: { [key: string]: BencodeInput } = {}) =>
  encodeBencode({ interval: 1800, peers: "", ...fields });
/** Who is asked for what, e.g. `a started`. */
const brief = (orders: readonly AnnounceOrder[]) =>
  orders.map(({ tracker, kind, event }) => `${new URL(tracker).hostname.split(".")[0]} ${event ?? kind}`);
const only = (orders: readonly AnnounceOrder[]): AnnounceOrder => {
  expect(orders).toHaveLength(1);
  return orders[0] as AnnounceOrder;
};

describe("tiers (BEP 12)", () => {
  test("nobody is asked before the start", () => {
    const one = announcer([[url("a")]]);
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(one.poll(START, totals)).toEqual([]);
    expect(one.views()[0]?.state).toBe("waiting");
  });

  test("the first tier is asked first, and no further when it answers", () => {
    const one = started([url("a")], [url("b")]);
    const order = only(one.poll(START, totals));
    expect(order).toMatchObject({ kind: "announce", event: "started", tracker: url("a"), timeout: 15_000 });
    one.answered(order.id, answer(), START + 100);
    expect(one.poll(START + 101, totals)).toEqual([]);
    expect(one.nextDeadline()).toBe(START + 100 + 30 * MINUTE);
  });

  test("after a failure or garbage the next is asked at once", () => {
    const one = started([url("a")], [url("b")], [url("c")]);
    one.failed(only(one.poll(START, totals)).id, "connection refused", START + 10);
    expect(one.nextDeadline()).toBeLessThanOrEqual(START + 10);
    const second = only(one.poll(START + 10, totals));
    expect(brief([second])).toEqual(["b started"]);
    const result = one.answered(second.id, fromLatin1("<html>"), START + 20);
    expect(result).toMatchObject({ peers: [], fault: expect.stringContaining("malformed") });
    expect(brief(one.poll(START + 20, totals))).toEqual(["c started"]);
  });

  test("a dead tier of four costs less than 20 s", () => {
    const one = started(["a", "b", "c", "d"].map(url), [url("e")]);
    const asked: { at: number; who: string }[] = [];
    for (let at = START; at <= START + 20_000; at = Math.max(one.nextDeadline(), at + 1)) {
      for (const who of brief(one.poll(at, totals))) asked.push({ at: at - START, who });
    }
    const next = asked.find(({ who }) => who === "e started");
    expect(next?.at).toBeLessThan(20_000);
  });

  test("each tier is shuffled once, the same way for the same seed", () => {
    const names = ["a", "b", "c", "d", "e", "f"].map(url);
    const order = (seed: number) =>
      announcer([names], seed)
        .views()
        .map((view) => view.url);
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect([...order(1)].sort()).toEqual(names);
  });

  test("the one that answered is promoted to the head of its tier", () => {
    const one = started([url("a"), url("b"), url("c")], [url("d")]);
    const first = only(one.poll(START, totals));
    one.failed(first.id, "no", START);
    const second = only(one.poll(START, totals));
    one.answered(second.id, answer({ interval: 60 }), START);
    expect(one.views()[0]?.url).toBe(second.tracker);
    expect(one.views().map((view) => view.tier)).toEqual([0, 0, 0, 1]);
    expect(only(one.poll(START + MINUTE, totals)).tracker).toBe(second.tracker);
  });

  test("a first tier that failed is tried again before the second when the next announce is due", () => {
    const one = started([url("a")], [url("b")]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    expect(one.nextDeadline()).toBe(START + 30 * MINUTE);
    expect(brief(one.poll(START + 30 * MINUTE, totals))).toEqual(["a started"]);
  });

  test("a slow first tracker and the next that answers meanwhile are both heard", () => {
    const one = started([url("a")], [url("b")]);
    const slow = only(one.poll(START, totals));
    expect(one.nextDeadline()).toBe(START + 5_000);
    const quick = only(one.poll(START + 5_000, totals));
    one.answered(quick.id, answer(), START + 5_100);
    const result = one.answered(slow.id, answer({ peers: Uint8Array.of(192, 0, 2, 1, 0, 80) }), START + 9_000);
    expect(result.peers).toEqual([{ host: "192.0.2.1", port: 80 }]);
    expect(one.nextDeadline()).toBe(START + 9_000 + 30 * MINUTE);
  });
});

describe("failures", () => {
  test("are waited out longer each time, up to half an hour, and forgotten after an answer", () => {
    const one = started([url("a")]);
    const waits: number[] = [];
    let now = START;
    for (let i = 0; i < 10; i++) {
      one.failed(only(one.poll(now, totals)).id, "connection refused", now);
      expect(one.poll(now, totals)).toEqual([]);
      waits.push((one.nextDeadline() - now) / 1000);
      now = one.nextDeadline();
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
    expect(one.views()[0]).toMatchObject({ state: "failed", failures: 10, message: "connection refused" });
    one.answered(only(one.poll(now, totals)).id, answer({ interval: 60 }), now);
    expect(one.views()[0]).toMatchObject({ state: "working", failures: 0, nextAnnounceAt: now + MINUTE });
    expect(one.views()[0]?.message).toBeUndefined();
    now += MINUTE;
    one.failed(only(one.poll(now, totals)).id, "no", now);
    one.poll(now, totals);
    expect(one.nextDeadline()).toBe(now + 15_000);
  });

  test("with the tracker's own time are waited out for so long (BEP 31)", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, encodeBencode({ "failure reason": "full", "retry in": 7 }), START);
    one.poll(START, totals);
    expect(one.nextDeadline()).toBe(START + 7 * MINUTE);
    one.announceNow(START + 60_000);
    expect(one.nextDeadline()).toBe(START + 7 * MINUTE);
  });

  test("with 'never' end it for the tracker, not for the next", () => {
    const one = started([url("a")], [url("b")]);
    const never = encodeBencode({ "failure reason": "gone", "retry in": "never" });
    expect(one.answered(only(one.poll(START, totals)).id, never, START)).toMatchObject({ fault: "gone" });
    one.failed(only(one.poll(START, totals)).id, "no", START);
    expect(one.poll(START, totals)).toEqual([]);
    expect(one.nextDeadline()).toBe(START + 15_000);
    expect(brief(one.poll(START + 15_000, totals))).toEqual(["b started"]);
  });

  test("of every tracker lead to no loop: over an hour each is asked a dozen times at most", () => {
    const one = started(["a", "b"].map(url), ["c"].map(url));
    const asked = new Map<string, number>();
    for (let now = START; now < START + 60 * MINUTE; now = Math.max(one.nextDeadline(), now)) {
      for (const { id, tracker } of one.poll(now, totals)) {
        asked.set(tracker, (asked.get(tracker) ?? 0) + 1);
        one.answered(id, fromLatin1("garbage"), now);
      }
    }
    for (const times of asked.values()) expect(times).toBeLessThanOrEqual(12);
    expect(asked.size).toBe(3);
  });
});

describe("events", () => {
  test("started is said until it is acknowledged, then never again", () => {
    const one = started([url("a")]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    const again = only([...one.poll(START, totals), ...one.poll(START + 15_000, totals)]);
    expect(again.event).toBe("started");
    one.answered(again.id, answer({ interval: 60 }), START + 15_000);
    expect(only(one.poll(START + 80_000, totals)).event).toBeUndefined();
  });

  test("completed is said once, at once, to those that know us as started", () => {
    const one = started([url("a")], [url("b")]);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    one.complete(START + 1_000);
    expect(one.nextDeadline()).toBeLessThanOrEqual(START + 1_000);
    const order = only(one.poll(START + 1_000, { ...totals, left: 0 }));
    expect(order.event).toBe("completed");
    expect(order.url).toContain("&left=0&");
    one.answered(order.id, answer(), START + 1_100);
    one.complete(START + 2_000);
    expect(one.poll(START + 2_000, totals)).toEqual([]);
  });

  test("paused is said by a partial seed once it has started, and no longer when it wants more (BEP 21)", () => {
    const one = started([url("a")]);
    const partial = { ...totals, isPartialSeed: true };
    let at = START;
    const announce = (figures: typeof totals) => {
      const order = only(one.poll(at, figures));
      one.answered(order.id, answer(), at);
      at = one.nextDeadline();
      return order;
    };
    expect(announce(partial).event).toBe("started");
    const paused = announce(partial);
    expect(paused.event).toBe("paused");
    expect(paused.url).toContain("event=paused");
    expect(announce(totals).event).toBeUndefined();
  });

  test("completed waits for a started that is under way", () => {
    const one = started([url("a")]);
    const first = only(one.poll(START, totals));
    one.complete(START + 1);
    expect(one.poll(START + 1, totals)).toEqual([]);
    one.answered(first.id, answer(), START + 2);
    expect(brief(one.poll(START + 2, totals))).toEqual(["a completed"]);
  });

  test("completed that failed is said again after the back-off", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    one.complete(START);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    expect(one.poll(START + 14_999, totals)).toEqual([]);
    expect(one.nextDeadline()).toBe(START + 15_000);
    expect(brief(one.poll(START + 15_000, totals))).toEqual(["a completed"]);
  });

  test("stopped goes to those that were told started, asks for no peers, and is said once", () => {
    const one = started([url("a")], [url("b")], [url("c")]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    one.stop(START + 1_000);
    expect(one.nextDeadline()).toBeLessThanOrEqual(START + 1_000);
    const order = only(one.poll(START + 1_000, totals));
    expect(order).toMatchObject({ event: "stopped", tracker: url("b"), timeout: 4_000 });
    expect(order.url).toContain("&numwant=0&");
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    one.answered(order.id, answer(), START + 1_100);
    expect(one.poll(START + 60 * MINUTE, totals)).toEqual([]);
  });

  test("stopped also goes to a tracker whose started is under way; its answer moves nothing any more", () => {
    const one = started([url("a")]);
    const first = only(one.poll(START, totals));
    one.stop(START + 1);
    const last = only(one.poll(START + 1, totals));
    expect(last.event).toBe("stopped");
    one.answered(first.id, answer(), START + 2);
    one.failed(last.id, "no", START + 3);
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    expect(one.poll(START + MINUTE, totals)).toEqual([]);
  });

  test("completed that is still to be said goes before stopped; one that is under way is not said twice", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    one.complete(START + 1);
    one.stop(START + 1);
    expect(brief(one.poll(START + 1, totals))).toEqual(["a completed", "a stopped"]);
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);

    const other = started([url("b")]);
    other.answered(only(other.poll(START, totals)).id, answer(), START);
    other.complete(START + 1);
    const completed = only(other.poll(START + 1, totals));
    other.stop(START + 2);
    expect(brief(other.poll(START + 2, totals))).toEqual(["b stopped"]);
    other.answered(completed.id, answer(), START + 3);
    expect(other.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test("a torrent that starts again says started again", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, answer(), START);
    one.stop(START + 1);
    one.poll(START + 1, totals);
    one.start(START + 2);
    expect(brief(one.poll(START + 2, totals))).toEqual(["a started"]);
  });
});

describe("intervals", () => {
  test("announce now waits for the minimum interval of the tracker that works", () => {
    const one = started([url("a")], [url("b")]);
    one.answered(only(one.poll(START, totals)).id, answer({ "min interval": 300 }), START);
    one.announceNow(START + 10_000);
    expect(one.poll(START + 10_000, totals)).toEqual([]);
    expect(one.nextDeadline()).toBe(START + 300_000);
    expect(brief(one.poll(START + 300_000, totals))).toEqual(["a announce"]);
  });

  test("announce now asks a tracker that failed before its back-off is over", () => {
    const one = started([url("a")]);
    let now = START;
    for (let i = 0; i < 6; i++) {
      one.failed(only(one.poll(now, totals)).id, "no", now);
      one.poll(now, totals);
      now = one.nextDeadline();
    }
    one.failed(only(one.poll(now, totals)).id, "no", now);
    one.poll(now, totals);
    one.announceNow(now + 20_000);
    expect(brief(one.poll(now + 20_000, totals))).toEqual(["a started"]);
  });

  test("pressing announce now a hundred times in a second asks no dead tracker twice", () => {
    const one = started([url("a")]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    for (let i = 0; i < 100; i++) {
      one.announceNow(START + i * 10);
      expect(one.poll(START + i * 10, totals)).toEqual([]);
    }
  });

  test("an interval of zero does not make us ask more than once a minute", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, answer({ interval: 0 }), START);
    expect(one.nextDeadline()).toBe(START + MINUTE);
  });

  test("the tracker id is said in later announces", () => {
    const one = started([url("a")]);
    one.answered(only(one.poll(START, totals)).id, answer({ "tracker id": "t 1" }), START);
    expect(only(one.poll(START + 30 * MINUTE, totals)).url).toContain("&trackerid=t%201");
  });
});

describe("scrapes (BEP 48)", () => {
  const tracker = "http://a.example/announce";
  const counts = { complete: 3, downloaded: 40, incomplete: 5 };
  const scrape = encodeBencode({ files: new Map([[toLatin1(infoHash), counts]]) });

  test("follow the first answer, then every half hour, and fill the row", () => {
    const one = started([tracker]);
    one.answered(only(one.poll(START, totals)).id, answer({ interval: 3600 }), START);
    const order = only(one.poll(START, totals));
    expect(order).toMatchObject({ kind: "scrape", tracker });
    expect(order.url).toMatch(/^http:\/\/a\.example\/scrape\?info_hash=/);
    expect(one.answered(order.id, scrape, START + 50)).toMatchObject({ kind: "scrape", seeds: 3, leechers: 5 });
    expect(one.views()[0]).toMatchObject({ seeds: 3, leechers: 5, downloads: 40 });
    expect(one.nextDeadline()).toBe(START + 50 + 30 * MINUTE);
  });

  test("that fail leave the tracker working", () => {
    const one = started([tracker]);
    one.answered(only(one.poll(START, totals)).id, answer({ interval: 3600 }), START);
    one.failed(only(one.poll(START, totals)).id, "HTTP status 404", START);
    expect(one.views()[0]).toMatchObject({ state: "working", failures: 0 });
    expect(one.nextDeadline()).toBe(START + 30 * MINUTE);
  });

  test("are not asked of trackers that failed, nor after the stop", () => {
    const one = started([tracker]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    expect(one.poll(START, totals)).toEqual([]);
    one.answered(only(one.poll(START + 15_000, totals)).id, answer(), START + 15_000);
    one.stop(START + 15_000);
    expect(brief(one.poll(START + 15_000, totals))).toEqual(["a stopped"]);
  });
});

describe("peers", () => {
  const give = (fields: { [key: string]: BencodeInput }) => {
    const one = started([url("a")]);
    return one.answered(only(one.poll(START, totals)).id, answer(fields), START);
  };

  test("come once each, without port 0", () => {
    const a = [192, 0, 2, 1, 0, 80];
    expect(give({ peers: Uint8Array.from([...a, ...a, 192, 0, 2, 2, 0, 0]) }).peers).toEqual([
      { host: "192.0.2.1", port: 80 },
    ]);
  });

  test("come from the answers to both families of addresses, each once and without ourselves (BEP 7)", () => {
    const one = started([url("a")]);
    const a = [192, 0, 2, 1, 0, 80];
    const b = [...new Array(15).fill(0), 9, 0, 81];
    const ours6 = [...new Array(15).fill(0), 7];
    const also = answer({
      "external ip": Uint8Array.from(ours6),
      peers: Uint8Array.from(a),
      peers6: Uint8Array.from([...b, ...ours6, 0x1a, 0xe1]),
    });
    const order = only(one.poll(START, totals));
    const result = one.answered(order.id, answer({ peers: Uint8Array.from(a) }), START, [also]);
    expect(result.peers).toEqual([
      { host: "192.0.2.1", port: 80 },
      { host: "::9", port: 81 },
    ]);
    expect(one.views()[0]).toMatchObject({ state: "working", peersGiven: 4 });
  });

  test("come from one family where the tracker refuses the other", () => {
    const one = started([url("a")]);
    const order = only(one.poll(START, totals));
    const refused = encodeBencode({ "failure reason": "no IPv4 here" });
    const peers6 = Uint8Array.from([...new Array(15).fill(0), 9, 0, 81]);
    const result = one.answered(order.id, refused, START, [answer({ peers6 })]);
    expect(result).toMatchObject({ peers: [{ host: "::9", port: 81 }] });
    expect(result.fault).toBeUndefined();
    expect(one.views()[0]?.state).toBe("working");
  });

  test("come without ourselves, known by peer id or by the address the tracker sees", () => {
    expect(
      give({
        peers: [
          { ip: "192.0.2.1", port: 6881, "peer id": peerId },
          { ip: "192.0.2.2", port: 6881 },
        ],
      }).peers,
    ).toEqual([{ host: "192.0.2.2", port: 6881 }]);
    const result = give({
      "external ip": Uint8Array.of(192, 0, 2, 9),
      peers: Uint8Array.from([192, 0, 2, 9, 0x1a, 0xe1, 192, 0, 2, 9, 0x1a, 0xe2]),
    });
    expect(result).toMatchObject({ externalIp: "192.0.2.9", peers: [{ host: "192.0.2.9", port: 6882 }] });
  });
});

describe("the list of trackers", () => {
  test("shows what is not supported, and never asks it", () => {
    const one = started(["wss://a.example:80", "not an address"], [url("b")]);
    expect(brief(one.poll(START, totals))).toEqual(["b started"]);
    expect(one.views().map(({ state }) => state)).toEqual(["unsupported", "unsupported", "announcing"]);
    expect(one.views().map(({ message }) => message)).toContain("wss trackers are not supported");
  });

  test("asks over UDP with the same tiers, and gives datagrams that are lost their time", () => {
    const one = started(["udp://a.example:80/announce?key=1"], [url("b")]);
    const [order] = one.poll(START, totals);
    expect(order).toMatchObject({
      kind: "announce",
      url: "udp://a.example:80/announce?key=1",
      event: "started",
      timeout: 60_000,
      udp: { kind: "announce", parameters: { port: totals.port, event: "started", numwant: totals.numwant } },
    });
    expect(brief(one.poll(START + 5000, totals))).toEqual(["b started"]);
    one.answered((order as AnnounceOrder).id, fromLatin1("d8:intervali1800e5:peers0:e"), START);
    expect(one.poll(START + 6000, totals)).toMatchObject([{ kind: "scrape", udp: { kind: "scrape" } }]);
  });

  test("of unsupported ones alone gives nothing to do", () => {
    const one = started(["wss://a.example:80"]);
    expect(one.poll(START, totals)).toEqual([]);
    expect(one.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test("takes new ones in tiers after its own, each once however it is spelt, and asks them when none works", () => {
    const one = started([url("a")]);
    one.failed(only(one.poll(START, totals)).id, "no", START);
    one.poll(START, totals);
    expect(one.merge([[url("a"), url("b")], ["HTTP://B.example:80/b", " "], [url("c")]])).toBe(2);
    expect(one.views().map((view) => view.tier)).toEqual([0, 1, 2]);
    expect(one.merge([[url("a"), url("b"), url("c")]])).toBe(0);
    expect(brief(one.poll(START, totals))).toEqual(["b started"]);
  });

  test("stays at its most", () => {
    const many = Array.from({ length: 2 * MAX_TRACKERS }, (_, i) => url(`t${i}`));
    expect(announcer([many]).views()).toHaveLength(MAX_TRACKERS);
  });
});
