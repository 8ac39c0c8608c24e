import { expect, test } from "vitest";
import { hashTexts } from "../../../renderer/format/info-hash.ts";

const v1 = new Uint8Array(20).fill(0xab);
const v2 = new Uint8Array(32).fill(0xcd);

test("a torrent's hashes are shown in full, two where it has two", () => {
  expect(hashTexts({ kind: "v1", v1 })).toEqual({ v1: "ab".repeat(20) });
  expect(hashTexts({ kind: "v2", v2 })).toEqual({ v2: "cd".repeat(32) });
  expect(hashTexts({ kind: "hybrid", v1, v2 })).toEqual({ v1: "ab".repeat(20), v2: "cd".repeat(32) });
});
