import { describe, expect, test } from "vitest";
import { type BencodeInput, encodeBencode } from "../../../core/model/bencode.ts";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import {
  decodeExtensionHandshake,
  type ExtensionHandshake,
  encodeExtensionHandshake,
} from "../../../core/wire/extension-handshake.ts";

const decode = (fields: { [key: string]: BencodeInput }): ExtensionHandshake => {
  const decoded = decodeExtensionHandshake(encodeBencode(fields));
  if ("fault" in decoded) throw new Error(decoded.fault);
  return decoded;
};

const little = { client: "x", requestLimit: 1, uploadOnly: false, extensions: [] };

describe("the extension handshake (BEP 10)", () => {
  test("of ours is read back", () => {
    const bytes = encodeExtensionHandshake({
      client: "Peerscope 1.0",
      listenPort: 6881,
      requestLimit: 500,
      uploadOnly: true,
      extensions: ["ut_metadata", "ut_pex"],
      metadataSize: 12_345,
    });
    expect(decodeExtensionHandshake(bytes)).toMatchObject({
      client: "Peerscope 1.0",
      listenPort: 6881,
      requestLimit: 500,
      uploadOnly: true,
      extensions: new Map([
        ["ut_metadata", 2],
        ["ut_pex", 1],
      ]),
      metadataSize: 12_345,
    });
    const silent = encodeExtensionHandshake({ ...little, listenPort: undefined });
    expect(decodeExtensionHandshake(silent)).not.toHaveProperty("listenPort");
  });

  test("tells each side's address to the other, IPv4 and IPv6, and passes over what is none", () => {
    const ours = { ...little, listenPort: 1 };
    for (const itsAddress of ["203.0.113.5", "2001:db8::5"]) {
      const bytes = encodeExtensionHandshake({ ...ours, itsAddress });
      expect(decodeExtensionHandshake(bytes)).toMatchObject({ ourAddress: itsAddress });
    }
    expect(decodeExtensionHandshake(encodeExtensionHandshake(ours))).not.toHaveProperty("ourAddress");
    expect(decode({ yourip: "12345" }).ourAddress).toBeUndefined();
    expect(decode({ yourip: 5 }).ourAddress).toBeUndefined();
  });

  test("gives extensions by name, and the size of the metadata", () => {
    const handshake = decode({ m: { ut_metadata: 3, ut_pex: 0 }, metadata_size: 31235 });
    expect([...handshake.extensions]).toEqual([
      ["ut_metadata", 3],
      ["ut_pex", 0],
    ]);
    expect(handshake.metadataSize).toBe(31235);
  });

  test("with fields of a wrong type or range is read without them", () => {
    const handshake = decode({ m: 4, p: 70_000, reqq: "many", v: 7, upload_only: 2, metadata_size: -1 });
    expect(Object.keys(handshake).sort()).toEqual(["extensions", "text"]);
    expect(handshake.extensions.size).toBe(0);
  });

  test("keeps no more extensions than anybody has", () => {
    const m = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x${i}`, (i % 255) + 1]));
    expect(decode({ m }).extensions.size).toBe(64);
  });

  test("with an id beyond a byte is read without it", () => {
    expect(decode({ m: { ut_pex: 256, ut_metadata: -1 } }).extensions.size).toBe(0);
  });

  test("shows a client's name without what can't be shown, and short", () => {
    expect(decode({ v: fromLatin1("a\u0000b\u001bc") }).client).toBe("a·b·c");
    expect(decode({ v: new TextEncoder().encode("µTorrent \u202e3.5") }).client).toBe("µTorrent ·3.5");
    expect(decode({ v: "x".repeat(5000) }).client).toHaveLength(60);
  });

  test("that is no dictionary is a fault in words", () => {
    for (const bytes of ["", "i1e", "le", "d1:m", "garbage", "l-3:e"]) {
      expect(decodeExtensionHandshake(fromLatin1(bytes))).toHaveProperty("fault");
    }
  });

  test("is dumped as text of a bounded length", () => {
    expect(decode({ m: { ut_pex: 1 }, v: "qB", yourip: Uint8Array.of(127, 0, 0, 1) }).text).toBe(
      '{m: {ut_pex: 1}, v: "qB", yourip: <7f000001>}',
    );
    expect(decode({ big: "y".repeat(60_000) }).text.length).toBeLessThanOrEqual(4000);
  });
});
