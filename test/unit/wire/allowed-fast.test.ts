import { describe, expect, test } from "vitest";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { allowedFastSet } from "../../../core/wire/allowed-fast.ts";

const infoHash = new Uint8Array(20).fill(0xaa);

describe("the allowed fast set", () => {
  test("is that of the example in BEP 6", () => {
    const seven = allowedFastSet(nodeDigest.sha1, "80.4.4.200", infoHash, 1313, 7);
    expect(seven).toEqual([1059, 431, 808, 1217, 287, 376, 1188]);
    const nine = allowedFastSet(nodeDigest.sha1, "80.4.4.200", infoHash, 1313, 9);
    expect(nine).toEqual([...seven, 353, 508]);
  });

  test("is the whole of a small torrent, and nothing for IPv6", () => {
    expect(allowedFastSet(nodeDigest.sha1, "10.0.0.1", infoHash, 4).sort()).toEqual([0, 1, 2, 3]);
    expect(allowedFastSet(nodeDigest.sha1, "2001:db8::1", infoHash, 1313)).toEqual([]);
  });
});
