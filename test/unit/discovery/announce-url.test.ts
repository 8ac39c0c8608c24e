import { expect, test } from "vitest";
import { announceUrl, percentEncode, scrapeUrl, trackerSupport } from "../../../core/discovery/announce-url.ts";
import { fromHex, fromLatin1 } from "../../../core/model/bytes.ts";

const infoHash = fromHex("124A0031FF7e2d5f2e7a20266126253d5c3b5b5d") as Uint8Array;
const peerId = fromLatin1("-PS0100-abcdefghijkl");
const parameters = {
  infoHash,
  peerId,
  key: "0a1b2c3d",
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  numwant: 50,
};
const hashText = "%12J%001%FF~-_.z%20%26a%26%25%3D%5C%3B%5B%5D";

test("an announce carries every figure, and bytes percent-encoded one by one", () => {
  expect(announceUrl("http://tracker.example/announce", { ...parameters, event: "started" })).toBe(
    `http://tracker.example/announce?info_hash=${hashText}&peer_id=-PS0100-abcdefghijkl&port=6881` +
      "&uploaded=1&downloaded=2&left=3&key=0a1b2c3d&numwant=50&compact=1&no_peer_id=1&event=started",
  );
});

test("all 256 bytes survive the way through an address", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  const text = new URL(`http://tracker.example/?x=${percentEncode(all)}`).search.slice(3);
  const back = text
    .match(/%[0-9A-F]{2}|./g)
    ?.map((c) => (c.length === 3 ? Number.parseInt(c.slice(1), 16) : c.charCodeAt(0)));
  expect(back).toEqual([...all]);
});

test("a regular announce names no event, no address and no tracker id", () => {
  const url = announceUrl("http://tracker.example/announce", parameters);
  expect(url).not.toMatch(/[?&](event|ip|ipv6|trackerid)=/);
});

test("addresses and the tracker id are said when given", () => {
  const url = announceUrl("http://tracker.example/announce", {
    ...parameters,
    ip: "192.0.2.7",
    ipv6: "2001:db8::7",
    trackerId: Uint8Array.of(0, 65, 255),
  });
  expect(url).toContain("&trackerid=%00A%FF&ip=192.0.2.7&ipv6=2001%3Adb8%3A%3A7");
});

test.each([
  ["http://t.example/announce?passkey=ab%20c", "http://t.example/announce?passkey=ab%20c&info_hash="],
  ["http://t.example/announce?", "http://t.example/announce?info_hash="],
  ["http://t.example/announce?x=1&", "http://t.example/announce?x=1&info_hash="],
  ["http://t.example/announce#part", "http://t.example/announce?info_hash="],
  ["http://t.example", "http://t.example?info_hash="],
])("the query that %s has is kept", (tracker, start) => {
  expect(announceUrl(tracker, parameters).startsWith(start)).toBe(true);
});

// The examples of BEP 48.
test.each([
  ["http://example.com/announce", "http://example.com/scrape?info_hash="],
  ["http://example.com/x/announce", "http://example.com/x/scrape?info_hash="],
  ["http://example.com/announce.php", "http://example.com/scrape.php?info_hash="],
  ["http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644&info_hash="],
])("%s is scraped at its sibling", (tracker, start) => {
  expect(scrapeUrl(tracker, infoHash)?.startsWith(start)).toBe(true);
});

test.each(["http://example.com/a", "http://example.com/announce?x=2/4", "http://example.com/x%064announce"])(
  "%s can't be scraped",
  (tracker) => {
    expect(scrapeUrl(tracker, infoHash)).toBeUndefined();
  },
);

test.each([
  ["udp://tracker.example/announce", "it names no port"],
  ["udp://tracker.example:0/announce", "it names no port"],
  ["wss://tracker.example/", "wss trackers are not supported"],
  ["tracker.example/announce", "it is not a valid address"],
  ["http://", "it is not a valid address"],
  [`http://tracker.example/${"a".repeat(5000)}`, "its address has 5023 characters, at most 4096"],
])("%s is refused in words", (tracker, words) => {
  expect(trackerSupport(tracker)).toEqual({ kind: "unsupported", words });
});
