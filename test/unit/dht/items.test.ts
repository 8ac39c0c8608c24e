import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Item, type Signed, signedBytes, targetOf } from "../../../core/dht/item.ts";
import { fromHex, fromLatin1, toHex } from "../../../core/model/bytes.ts";
import type { Endpoint } from "../../../core/model/endpoint.ts";
import { answerOf, LoneDht, name, sha1 } from "./lone-dht.ts";

const STRANGER: Endpoint = { host: "80.10.20.30", port: 6881 };
const NO_SALT = new Uint8Array(0);
const HELLO = fromLatin1("12:Hello World!");
const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;

/** The vectors of BEP 44. */
const KNOWN: Item = {
  value: HELLO,
  signed: {
    key: hex("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"),
    signature: hex(
      "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01",
    ),
    sequence: 1,
  },
};
const TARGETS = {
  mutable: "4a533d47ec9c7d95b1ad75f576cffc641853b750",
  fixed: "e5f96f6f38320f0f33959cb4d3d656452117aadb",
};

function owner() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url"));
  return (text: string, sequence: number, salt: Uint8Array = NO_SALT): Item & { readonly signed: Signed } => {
    const value = fromLatin1(`${text.length}:${text}`);
    const signature = new Uint8Array(sign(null, signedBytes(value, sequence, salt), privateKey));
    return { value, signed: { key, signature, sequence } };
  };
}

const get = (lone: LoneDht, target: Uint8Array, sequence?: number, from = STRANGER) => {
  // Answers to all together are few a second.
  lone.wait(1000);
  return answerOf(lone.ask(from, { method: "get", target, sequence }));
};

/** @returns Undefined when it was taken, or the code of the refusal. */
function put(
  lone: LoneDht,
  item: Item,
  { salt = NO_SALT as Uint8Array, expected = undefined as number | undefined, from = STRANGER } = {},
) {
  const target = targetOf(item, salt, sha1);
  const token = get(lone, target, undefined, from).token as Uint8Array;
  const message = lone.ask(from, { method: "put", token, item, salt, expected })[0]?.message;
  return message?.kind === "refusal" ? message.code : undefined;
}

describe("values that others keep with us", () => {
  test("are named as BEP 44 says", () => {
    expect(toHex(targetOf(KNOWN, NO_SALT, sha1))).toBe(TARGETS.mutable);
    expect(toHex(targetOf({ value: HELLO }, NO_SALT, sha1))).toBe(TARGETS.fixed);
    expect(toHex(targetOf(KNOWN, fromLatin1("foobar"), sha1))).toBe("411eba73b6f087ca51a3795d9c8c938d365e32c1");
  });

  test("are given to whoever asks for their hash, or their key", () => {
    const lone = new LoneDht();
    expect(get(lone, hex(TARGETS.fixed)).item).toBeUndefined();
    expect([put(lone, { value: HELLO }), put(lone, KNOWN)]).toEqual([undefined, undefined]);
    const other = { host: "81.0.0.1", port: 5 };
    expect(get(lone, hex(TARGETS.fixed), undefined, other).item).toEqual({ value: HELLO });
    expect(get(lone, hex(TARGETS.mutable), 0, other).item).toEqual(KNOWN);
    // Who has it is not given it again.
    expect(get(lone, hex(TARGETS.mutable), 1, other).item).toBeUndefined();
  });

  test("change by their owner's word alone, and never back", () => {
    const lone = new LoneDht();
    const mine = owner();
    const target = targetOf(mine("", 0), NO_SALT, sha1);
    expect(put(lone, mine("first", 5))).toBeUndefined();
    expect(put(lone, mine("older", 4))).toBe(302);
    expect(put(lone, mine("other", 5))).toBe(302);
    expect(put(lone, mine("first", 5))).toBeUndefined();
    expect(put(lone, mine("guess", 6), { expected: 4 })).toBe(301);
    expect(put(lone, mine("next", 6), { expected: 5 })).toBeUndefined();
    const { value, signed } = mine("false", 7);
    const signature = Uint8Array.from(signed.signature);
    signature[3] = (signature[3] as number) ^ 1;
    expect(put(lone, { value, signed: { ...signed, signature } })).toBe(206);
    expect(put(lone, { value: HELLO, signed })).toBe(206);
    expect(put(lone, { value, signed: { ...signed, key: new Uint8Array(32).fill(0xff) } })).toBe(206);
    expect(Buffer.from(get(lone, target).item?.value ?? []).toString()).toBe("4:next");
  });

  test("of one key are several by their salt", () => {
    const lone = new LoneDht();
    const mine = owner();
    for (const salt of [fromLatin1("a"), fromLatin1("b")]) {
      expect(put(lone, mine(`of ${String.fromCharCode(...salt)}`, 1, salt), { salt })).toBeUndefined();
    }
    const found = get(lone, targetOf(mine("", 0), fromLatin1("b"), sha1)).item;
    expect(Buffer.from(found?.value ?? []).toString()).toBe("4:of b");
    const long = new Uint8Array(65);
    expect(put(lone, mine("x", 1, long), { salt: long })).toBe(207);
  });

  test("are taken with a token for them alone, and of a kilobyte at most", () => {
    const lone = new LoneDht();
    const token = get(lone, name(1)).token as Uint8Array;
    const asked = { method: "put", token, item: { value: HELLO }, salt: NO_SALT, expected: undefined } as const;
    lone.wait(1000);
    expect(lone.ask(STRANGER, asked)[0]?.message).toMatchObject({ kind: "refusal", code: 203 });
    expect(put(lone, { value: fromLatin1(`996:${"x".repeat(996)}`) })).toBeUndefined();
    expect(put(lone, { value: fromLatin1(`997:${"x".repeat(997)}`) })).toBe(205);
  });

  test("that are long are given to those alone who have answered us", () => {
    const lone = new LoneDht();
    const item = { value: fromLatin1(`900:${"x".repeat(900)}`) };
    const target = targetOf(item, NO_SALT, sha1);
    put(lone, item);
    const stranger = { host: "82.0.0.1", port: 7 };
    const answer = get(lone, target, undefined, stranger);
    expect(answer.item).toBeUndefined();
    expect(answer.token).toBeDefined();
    lone.meet(stranger, name(5));
    expect(get(lone, target, undefined, stranger).item).toEqual(item);
  });

  test("are forgotten after two hours, the oldest of one party when it has put fifty", () => {
    const lone = new LoneDht();
    const value = (number: number) => ({ value: fromLatin1(`i${number}e`) });
    for (let number = 0; number < 51; number++) expect(put(lone, value(number))).toBeUndefined();
    const targets = [0, 1, 50].map((number) => targetOf(value(number), NO_SALT, sha1));
    expect(targets.map((target) => get(lone, target).item !== undefined)).toEqual([false, true, true]);
    lone.wait(2 * 60 * 60_000);
    expect(targets.map((target) => get(lone, target).item !== undefined)).toEqual([false, false, false]);
  });
});
