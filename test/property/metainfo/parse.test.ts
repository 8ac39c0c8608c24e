import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { folded, MAX_PART_BYTES, safePart } from "../../../core/metainfo/safe-path.ts";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { multiFile, parsed, singleFile } from "../../unit/metainfo/torrents.ts";

/** Parts that collide, mislead and offend, more often than chance would make them. */
const part = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("a", "A", "b", ".", " ", "é", "e\u0301", ":", "1", "(2)"), maxLength: 4 }),
  fc.constantFrom("con", "NUL.txt", "a", "A", "a (2)", "aux "),
  fc.uint8Array({ maxLength: 12 }),
);

test("a safe part can be made on every system and is safe already", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.string({ unit: "binary", maxLength: 300 })), (raw) => {
      const bytes = typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
      const name = safePart(bytes);
      const length = new TextEncoder().encode(name).length;
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(MAX_PART_BYTES);
      expect(name).not.toMatch(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
      expect(name).not.toMatch(/[. ]$/);
      expect(name).not.toMatch(/^(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|$)/i);
      expect(safePart(new TextEncoder().encode(name))).toBe(name);
    }),
    { numRuns: 1000 },
  );
});

test("no two files of a torrent share a path, and none is a folder of another", () => {
  const files = fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(files, (paths) => {
      const result = parseTorrent(multiFile(paths.map((path) => ({ path }))), nodeDigest);
      if (!result.ok) {
        expect(result.fault.kind).toBe("path");
        return;
      }
      const seen = result.torrent.files.map((file) => `${file.path.map(folded).join("/")}/`);
      expect(new Set(seen).size).toBe(seen.length);
      for (const one of seen) expect(seen.filter((other) => other.startsWith(one))).toEqual([one]);
    }),
    { numRuns: 1000 },
  );
});

test("no truncation of a torrent is a torrent", () => {
  const bytes = singleFile({ private: 1 }, { announce: "http://a/", "announce-list": [["http://a/"]] });
  expect(parsed(bytes).pieceCount).toBe(3);
  for (let length = 0; length < bytes.length; length++) {
    expect(parseTorrent(bytes.subarray(0, length), nodeDigest)).toMatchObject({
      ok: false,
      fault: { kind: "bencode" },
    });
  }
});

test("values of any type under any known key give a torrent or a fault of one printable line", () => {
  const anything: fc.Arbitrary<BencodeInput> = fc.letrec<{ value: BencodeInput }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.maxSafeInteger(),
      fc.constantFrom(0, 1, -1, 2 ** 32, 2 ** 53 - 1),
      part,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("", "length", "path", "attr", "x"), tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  const keys = [
    "length",
    "name",
    "name.utf-8",
    "piece length",
    "pieces",
    "files",
    "private",
    "meta version",
    "file tree",
    "source",
  ];
  const rootKeys = ["announce", "announce-list", "comment", "created by", "creation date", "url-list", "nodes", "info"];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...keys), anything, { maxKeys: 3 }),
      fc.dictionary(fc.constantFrom(...rootKeys), anything, { maxKeys: 3 }),
      (info, root) => {
        const result = parseTorrent(singleFile(info, root), nodeDigest);
        if (!result.ok) expect(result.fault.words).toMatch(/^[\x20-\x7e]+$/);
      },
    ),
    { numRuns: 2000 },
  );
});

test("encoded names come back as they are when they are safe", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9_-]{1,20}$/), (name) => {
      fc.pre(safePart(new TextEncoder().encode(name)) === name);
      expect(parsed(singleFile({ name })).name).toBe(name);
      expect(encodeBencode(name)).toEqual(new TextEncoder().encode(`${name.length}:${name}`));
    }),
  );
});
