import { describe, expect, test } from "vitest";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { LayerFetch } from "../../../core/swarm/layer-fetch.ts";
import type { HashRequest } from "../../../core/wire/hash-message.ts";

const REFUSER = 1;
const OTHER = 2;

/** Of as many files, each of two pieces. */
function fetchOf(count: number): LayerFetch {
  const files = Array.from({ length: count }, (_, at) => {
    const root = new Uint8Array(32);
    new DataView(root.buffer).setUint32(0, at);
    return { root, length: 32_768, pieceLength: 16_384 };
  });
  return new LayerFetch(files, nodeDigest.sha256);
}

/** Refuses all until nothing more is asked for. */
function refuseAll(fetch: LayerFetch, peer: number, now: number): number[] {
  const refused: number[] = [];
  for (let asked = fetch.ask(peer, now); asked.length > 0; asked = fetch.ask(peer, now)) {
    for (const request of asked) {
      refused.push(fileOf(request));
      fetch.rejected(peer, request, now);
    }
  }
  return refused;
}

const fileOf = ({ root }: HashRequest) => new DataView(root.buffer).getUint32(0);

describe("the fetch of piece layers", () => {
  test("lets a peer alone for a while that refused 64 times, and asks others", () => {
    const fetch = fetchOf(5_000);
    expect(refuseAll(fetch, REFUSER, 0)).toHaveLength(64);
    expect(fetch.ask(REFUSER, 9_999)).toEqual([]);
    expect(fetch.ask(OTHER, 9_999)).toHaveLength(64);
  });

  test("asks it for something else after that", () => {
    const fetch = fetchOf(5_000);
    const first = refuseAll(fetch, REFUSER, 0);
    const second = refuseAll(fetch, REFUSER, 10_000);
    expect(new Set([...first, ...second]).size).toBe(128);
  });

  test("asks a peer that refused less often for what it did not refuse", () => {
    const fetch = fetchOf(10);
    const asked = fetch.ask(REFUSER, 0);
    for (const request of asked.slice(0, 4)) fetch.rejected(REFUSER, request, 0);
    expect(fetch.ask(REFUSER, 1).map(fileOf)).toEqual([]);
    expect(fetch.ask(OTHER, 1).map(fileOf)).toEqual([0, 1, 2, 3]);
    for (const request of asked.slice(4)) fetch.rejected(REFUSER, request, 2);
    expect(fetch.ask(REFUSER, 10_000).map(fileOf)).toEqual([0, 1, 2, 3]);
  });
});
