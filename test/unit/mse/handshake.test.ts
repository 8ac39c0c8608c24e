import { describe, expect, test } from "vitest";
import { concatBytes, fromLatin1, toHex } from "../../../core/model/bytes.ts";
import { randomBelow, randomBytes, seededRandom } from "../../../core/model/random.ts";
import { METHOD, MseInitiator, type MseOutcome, type MseProgress, MseResponder } from "../../../core/mse/handshake.ts";
import { Rc4 } from "../../../core/mse/rc4.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";

const { sha1 } = nodeDigest;
const infoHash = sha1(fromLatin1("a torrent"));
const otherHash = sha1(fromLatin1("another torrent"));
const initial = fromLatin1("our BitTorrent handshake");

interface Ends {
  readonly initiator: MseOutcome;
  readonly responder: MseOutcome;
}

/** Carries bytes between both sides, cut at random places, until both are done or one faults. */
function converse(seed: number, offered: number, accepted: number, preferred: 1 | 2 = METHOD.rc4, known = [infoHash]) {
  const random = seededRandom(seed);
  const a = new MseInitiator({ sha1, random, methods: offered }, infoHash, initial);
  const b = new MseResponder({ sha1, random, methods: accepted, preferred }, () => known);
  let toB = a.begin();
  let toA: Uint8Array = new Uint8Array(0);
  const ends: { initiator?: MseOutcome; responder?: MseOutcome } = {};
  const take = (bytes: Uint8Array): number => 1 + randomBelow(random, Math.min(bytes.length, 200));
  for (let turn = 0; turn < 10_000 && !(ends.initiator && ends.responder); turn++) {
    let progress: MseProgress;
    const isB = toB.length > 0 && !ends.responder;
    if (isB) {
      const length = take(toB);
      progress = b.receive(toB.slice(0, length));
      toB = toB.slice(length);
      if (progress.kind !== "fault" && progress.send) toA = concatBytes(toA, progress.send);
    } else {
      if (toA.length === 0) break;
      const length = take(toA);
      progress = a.receive(toA.slice(0, length));
      toA = toA.slice(length);
      if (progress.kind !== "fault" && progress.send) toB = concatBytes(toB, progress.send);
    }
    if (progress.kind === "fault") return progress;
    if (progress.kind === "done") ends[isB ? "responder" : "initiator"] = progress.outcome;
  }
  return ends as Ends;
}

describe("RC4", () => {
  test("gives the key stream of RFC 6229 from byte 1024 on", () => {
    const bytes = new Uint8Array(16);
    new Rc4(Uint8Array.of(1, 2, 3, 4, 5)).apply(bytes);
    expect(toHex(bytes)).toBe("30abbcc7c20b01609f23ee2d5f6bb7df");
  });
});

describe("the encrypted handshake", () => {
  test.each([
    [METHOD.rc4, METHOD.rc4, METHOD.rc4, METHOD.rc4],
    [METHOD.plain, METHOD.rc4 | METHOD.plain, METHOD.rc4, METHOD.plain],
    [METHOD.rc4 | METHOD.plain, METHOD.rc4 | METHOD.plain, METHOD.rc4, METHOD.rc4],
    [METHOD.rc4 | METHOD.plain, METHOD.rc4 | METHOD.plain, METHOD.plain, METHOD.plain],
    [METHOD.rc4 | METHOD.plain, METHOD.rc4, METHOD.plain, METHOD.rc4],
  ] as const)(
    "offering %i to one that takes %i and prefers %i settles on %i",
    (offered, accepted, preferred, method) => {
      for (let seed = 1; seed <= 10; seed++) {
        const ends = converse(seed, offered, accepted, preferred);
        if ("kind" in ends) throw new Error(`seed ${seed}: ${ends.detail}`);
        expect(ends.initiator.method).toBe(method);
        expect(ends.responder.method).toBe(method);
        expect(ends.responder.infoHash).toEqual(infoHash);
        expect(ends.responder.rest.subarray(0, initial.length)).toEqual(initial);
      }
    },
  );

  test("leaves both sides with the same streams", () => {
    const ends = converse(3, METHOD.rc4, METHOD.rc4);
    if ("kind" in ends) throw new Error(ends.detail);
    const message = randomBytes(seededRandom(9), 5000);
    for (const [from, to] of [
      [ends.initiator, ends.responder],
      [ends.responder, ends.initiator],
    ] as const) {
      const bytes = message.slice();
      from.encrypt?.apply(bytes);
      expect(bytes).not.toEqual(message);
      to.decrypt?.apply(bytes);
      expect(bytes).toEqual(message);
    }
  });

  test("fails where no torrent is known by its key", () => {
    expect(converse(4, METHOD.rc4, METHOD.rc4, METHOD.rc4, [otherHash])).toMatchObject({
      kind: "fault",
      reason: "encryption-unknown-key",
    });
  });

  test("fails where no method is common", () => {
    expect(converse(5, METHOD.plain, METHOD.rc4)).toMatchObject({
      kind: "fault",
      reason: "encryption-no-common-method",
    });
  });

  test("gives up when the hash of the secret is not within the longest pad", () => {
    const random = seededRandom(6);
    const responder = new MseResponder({ sha1, random, methods: 3, preferred: METHOD.rc4 }, () => [infoHash]);
    expect(responder.receive(randomBytes(random, 96 + 531))).toMatchObject({ kind: "more" });
    expect(responder.receive(randomBytes(random, 1))).toMatchObject({ kind: "fault", reason: "encryption-sync" });
  });

  test("gives up when the verification constant is not within the longest pad", () => {
    const random = seededRandom(7);
    const initiator = new MseInitiator({ sha1, random, methods: 3 }, infoHash, initial);
    initiator.begin();
    expect(initiator.receive(randomBytes(random, 96 + 519))).toMatchObject({ kind: "more" });
    expect(initiator.receive(randomBytes(random, 1))).toMatchObject({ kind: "fault", reason: "encryption-sync" });
  });

  test("refuses a key that makes the secret guessable", () => {
    const random = seededRandom(8);
    const responder = new MseResponder({ sha1, random, methods: 3, preferred: METHOD.rc4 }, () => [infoHash]);
    expect(responder.receive(new Uint8Array(96))).toMatchObject({ kind: "fault", detail: "its key is a trivial one" });
  });
});
