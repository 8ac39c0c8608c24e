import { describe, expect, it, test } from "vitest";
import { decodeMessage } from "../../../core/dht/decode.ts";
import { encodeAnswer, encodeQuery, encodeRefusal } from "../../../core/dht/encode.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { fromLatin1, toLatin1 } from "../../../core/model/bytes.ts";
import { name, VERSION } from "./lone-dht.ts";

const ABC = fromLatin1("abcdefghij0123456789");
const MNO = fromLatin1("mnopqrstuvwxyz123456");
const text = (value: string) => decodeMessage(fromLatin1(value));
const sender = { id: ABC, version: VERSION, isReadOnly: false };

describe("messages as BEP 5 shows them", () => {
  test("a ping and its answer", () => {
    expect(text("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")).toMatchObject({
      kind: "query",
      id: ABC,
      question: { method: "ping" },
      isReadOnly: false,
      want: undefined,
    });
    expect(text("d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re")).toMatchObject({
      kind: "answer",
      transaction: fromLatin1("aa"),
      id: MNO,
      nodes: [],
      peers: [],
    });
  });

  test("an error", () => {
    expect(text("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee")).toMatchObject({
      kind: "refusal",
      code: 201,
      words: "A Generic Error Ocurred",
    });
  });

  test("peers with a token", () => {
    expect(
      text("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"),
    ).toMatchObject({
      token: fromLatin1("aoeusnth"),
      peers: [
        { host: "97.120.106.101", port: 11893 },
        { host: "105.100.104.116", port: 28269 },
      ],
    });
  });

  test("an announce, of the port that it names or of the one that it comes from", () => {
    const announce = (rest: string) =>
      text(
        `d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456${rest}5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe`,
      );
    expect(announce("4:porti6881e")).toMatchObject({ question: { port: 6881, impliedPort: false, isSeed: false } });
    expect(announce("12:implied_porti1e4:porti0e4:seedi1e")).toMatchObject({
      question: { impliedPort: true, isSeed: true },
    });
  });

  test("what other specifications add: read-only, both families, seeds, our address", () => {
    const query = text(
      "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234566:noseedi1e6:scrapei1e4:wantl2:n42:n6ee1:q9:get_peers2:roi1e1:t2:aa1:v4:LT011:y1:qe",
    );
    expect(query).toMatchObject({
      isReadOnly: true,
      want: ["ipv4", "ipv6"],
      question: { method: "get_peers", noSeeds: true, scrape: true },
    });
    const answer = text("d2:ip6:\x7f\x00\x00\x01\x1a\xe11:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
    expect(answer).toMatchObject({ ourAddress: { host: "127.0.0.1", port: 6881 } });
  });

  test("a question nobody knows, with a target, asks for nodes near it", () => {
    expect(
      text("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q3:vet1:t2:aa1:y1:qe"),
    ).toMatchObject({ question: { method: "find_node", target: MNO } });
  });

  test("keys that nobody knows, and keys out of order, change nothing", () => {
    expect(text("d1:y1:q1:t2:aa4:xtrai7e1:q4:ping1:ad2:id20:abcdefghij01234567892:zzleee")).toMatchObject({
      question: { method: "ping" },
    });
  });
});

const right: Record<string, Record<string, unknown>> = {
  query: { a: { id: ABC, info_hash: MNO, port: 6881, token: "tok" }, q: "announce_peer", t: "aa", y: "q" },
  answer: { r: { id: ABC, nodes: new Uint8Array(26).fill(1), token: "tok", values: [] }, t: "aa", y: "r" },
  refusal: { e: [201, "words"], t: "aa", y: "e" },
};

function wrong(kind: string, change: Record<string, unknown>, inside?: string): ReturnType<typeof decodeMessage> {
  const message = { ...right[kind] };
  if (inside === undefined) Object.assign(message, change);
  else message[inside] = { ...(message[inside] as object), ...change };
  return decodeMessage(encodeBencode(message as Parameters<typeof encodeBencode>[0]));
}

describe("datagrams that are no messages", () => {
  it.for(Object.keys(right))("the %s that the others are made of is right", (kind) => {
    expect(wrong(kind, {}).kind).toBe(kind);
  });

  it.for([
    ["query", { t: undefined }, undefined, "transaction id: none, 1 to 32 bytes expected"],
    ["query", { t: "" }, undefined, "transaction id: 0 bytes, 1 to 32 bytes expected"],
    ["query", { t: "x".repeat(33) }, undefined, "transaction id: 33 bytes, 1 to 32 bytes expected"],
    ["query", { t: 5 }, undefined, "transaction id: none, 1 to 32 bytes expected"],
    ["query", { y: undefined }, undefined, 'kind "none": q, r or e expected'],
    ["query", { y: "x" }, undefined, 'kind "x": q, r or e expected'],
    ["query", { y: 1 }, undefined, 'kind "none": q, r or e expected'],
    ["query", { a: [] }, undefined, "a query without arguments"],
    ["query", { a: undefined }, undefined, "a query without arguments"],
    ["query", { q: "vote", a: { id: ABC } }, undefined, 'unknown method "vote"'],
    ["query", { q: 5, a: { id: ABC } }, undefined, 'unknown method ""'],
    ["query", { id: undefined }, "a", "id: none, 20 expected"],
    ["query", { id: "short" }, "a", "id: 5 bytes, 20 expected"],
    ["query", { id: 7 }, "a", "id: none, 20 expected"],
    ["query", { info_hash: new Uint8Array(21) }, "a", "info_hash: 21 bytes, 20 expected"],
    ["query", { info_hash: undefined }, "a", "info_hash: none, 20 expected"],
    ["query", { token: undefined }, "a", "token: none"],
    ["query", { token: "" }, "a", "token: 0 bytes, 1 to 64 expected"],
    ["query", { token: new Uint8Array(65) }, "a", "token: 65 bytes, 1 to 64 expected"],
    ["query", { token: [] }, "a", "token: no bytes, 1 to 64 expected"],
    ["query", { port: 0 }, "a", "port 0, 1 to 65535 expected"],
    ["query", { port: 65_536 }, "a", "port 65536, 1 to 65535 expected"],
    ["query", { port: -1 }, "a", "port -1, 1 to 65535 expected"],
    ["query", { port: "80" }, "a", "port 0, 1 to 65535 expected"],
    ["answer", { r: "values" }, undefined, "an answer without values"],
    ["answer", { id: new Uint8Array(19) }, "r", "id: 19 bytes, 20 expected"],
    ["answer", { nodes: new Uint8Array(27) }, "r", "nodes: 27 bytes, no multiple of 26"],
    ["answer", { nodes: [] }, "r", "nodes: no string"],
    ["answer", { nodes6: new Uint8Array(26) }, "r", "nodes6: 26 bytes, no multiple of 38"],
    ["answer", { values: "peers" }, "r", "values: no list"],
    ["answer", { token: 9 }, "r", "token: no bytes, 1 to 64 expected"],
    ["answer", { BFsd: new Uint8Array(255) }, "r", "BFsd: 255 bytes, 256 expected"],
    ["answer", { BFpe: 1 }, "r", "BFpe: no bytes, 256 expected"],
    ["refusal", { e: [] }, undefined, "an error without a code"],
    ["refusal", { e: "201" }, undefined, "an error without a code"],
    ["refusal", { e: ["201", "words"] }, undefined, "an error without a code"],
  ] as const)("%s with %o in %s: %s", ([kind, change, inside, words]) => {
    expect(wrong(kind, change, inside)).toMatchObject({ kind: "fault", words });
  });

  it.for([
    ["nothing", ""],
    ["a list", "le"],
    ["half of one", "d1:ad2:id20:abc"],
    ["two of them", "d1:t2:aa1:y1:qed1:t2:aa1:y1:qe"],
    ["a key twice", "d1:t2:aa1:t2:bb1:y1:qe"],
    ["more than ten levels", `d1:a${"l".repeat(10)}${"e".repeat(10)}1:t2:aa1:y1:qe`],
    ["more than 1500 bytes", `d1:a1500:${"x".repeat(1500)}1:t2:aa1:y1:qe`],
  ] as const)("%s is none", ([, datagram]) => {
    expect(text(datagram).kind).toBe("fault");
  });

  test("peers with port 0, or of some other length, are passed over alone", () => {
    const values = [new Uint8Array(6), new Uint8Array(7), 5, fromLatin1("axje.u"), new Uint8Array(18).fill(32)];
    expect(wrong("answer", { values }, "r")).toMatchObject({
      peers: [
        { host: "97.120.106.101", port: 11893 },
        { host: "2020:2020:2020:2020:2020:2020:2020:2020", port: 8224 },
      ],
    });
  });

  test("only the sender of a query can be told, and in which words BEP 5 has", () => {
    expect(wrong("query", { q: "vote", a: { id: ABC } })).toMatchObject({ refusal: { code: 204 } });
    expect(wrong("query", { port: 0 }, "a")).toMatchObject({ refusal: { code: 203 } });
    expect(wrong("answer", { id: "x" }, "r")).not.toHaveProperty("refusal");
  });
});

describe("our messages", () => {
  test("are written with sorted keys, our version, and nothing that is not meant", () => {
    const ping = toLatin1(encodeQuery(sender, fromLatin1("aa"), { method: "ping" }));
    expect(ping).toBe("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:XX\x00\x011:y1:qe");
    const readOnly = encodeQuery({ ...sender, isReadOnly: true }, fromLatin1("aa"), { method: "ping" });
    expect(toLatin1(readOnly)).toContain("2:roi1e");
    expect(toLatin1(encodeRefusal(sender, fromLatin1("aa"), 203, "bad token"))).toBe(
      "d1:eli203e9:bad tokene1:t2:aa1:v4:XX\x00\x011:y1:ee",
    );
  });

  test("tell who asked its address", () => {
    const answer = decodeMessage(encodeAnswer(sender, fromLatin1("aa"), { host: "192.0.2.7", port: 258 }, {}));
    expect(answer).toMatchObject({ ourAddress: { host: "192.0.2.7", port: 258 } });
    const nodes6 = [{ id: name(1), host: "2001:db8::1", port: 9 }];
    const other = encodeAnswer(sender, fromLatin1("aa"), { host: "2001:db8::5", port: 1 }, { nodes6 });
    expect(decodeMessage(other)).toMatchObject({ ourAddress: { host: "2001:db8::5", port: 1 }, nodes: nodes6 });
  });
});
