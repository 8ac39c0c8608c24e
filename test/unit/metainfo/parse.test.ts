import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { concatBytes, fromHex, fromLatin1, toHex, toLatin1 } from "../../../core/model/bytes.ts";
import { torrentId } from "../../../core/model/info-hash.ts";
import { faultOf, multiFile, parsed, pathsOf, singleFile } from "./torrents.ts";

describe("what a torrent says", () => {
  test("a bare file", () => {
    const torrent = parsed(singleFile());
    expect(torrent).toMatchObject({
      name: "film.mkv",
      isMultiFile: false,
      totalLength: 40_000,
      pieceLength: 16384,
      pieceCount: 3,
      isPrivate: false,
      trackerTiers: [],
      webSeeds: [],
      warnings: [],
    });
    expect(torrent.files).toEqual([
      { path: ["film.mkv"], length: 40_000, isPadding: false, attributes: { isExecutable: false, isHidden: false } },
    ]);
    expect(torrent.layout.lengthOf(2)).toBe(40_000 - 2 * 16384);
  });

  test("several files lie in a folder of the torrent's name, in the order of their bytes", () => {
    const torrent = parsed(multiFile([{ path: ["b.mkv"] }, { path: ["subs", "a.srt"], length: 5 }, { path: ["c"] }]));
    expect(torrent.isMultiFile).toBe(true);
    expect(torrent.files.map((file) => file.path)).toEqual([
      ["show", "b.mkv"],
      ["show", "subs", "a.srt"],
      ["show", "c"],
    ]);
    expect([...torrent.fileLayout.starts]).toEqual([0, 10, 15]);
  });

  test("the info hash is of the raw bytes, also where a re-encoding would differ", () => {
    const unsorted = "d4:name1:x12:piece lengthi16384e6:lengthi1e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
    const torrent = parsed(fromLatin1(`d4:info${unsorted}e`));
    expect(torrent.infoHash.kind).toBe("v1");
    expect(torrentId(torrent.infoHash)).toBe(createHash("sha1").update(unsorted, "latin1").digest("hex"));
    expect(toLatin1(torrent.infoBytes)).toBe(unsorted);
    expect(torrent.warnings).toEqual([expect.stringContaining('"length" at byte 39 is not in sorted order')]);
  });

  test("a known torrent has its known info hash", () => {
    const info = `d6:lengthi5e4:name9:hello.txt12:piece lengthi16384e6:pieces20:${"\xaa".repeat(20)}e`;
    const hash = parsed(fromLatin1(`d8:announce8:http://a4:info${info}e`)).infoHash;
    expect(hash).toEqual({ kind: "v1", v1: fromHex(createHash("sha1").update(info, "latin1").digest("hex")) });
  });

  test("nothing of it is a view of the input", () => {
    const bytes = singleFile();
    const torrent = parsed(bytes);
    const before = [toHex(torrent.infoBytes), toHex(torrent.pieceHashes)];
    bytes.fill(0);
    expect([toHex(torrent.infoBytes), toHex(torrent.pieceHashes)]).toEqual(before);
  });

  test("private, source, comment, client and date", () => {
    const torrent = parsed(
      singleFile(
        { private: 1, source: "SRC" },
        { comment: "two\nlines \u202e\u0007", "created by": "maker/1", "creation date": 1_700_000_000 },
      ),
    );
    expect(torrent).toMatchObject({
      isPrivate: true,
      source: "SRC",
      comment: "two lines",
      createdBy: "maker/1",
      createdAt: 1_700_000_000_000,
    });
  });

  test("a date that is none is left out with a warning", () => {
    const torrent = parsed(singleFile({}, { "creation date": 2 ** 50 }));
    expect(torrent.createdAt).toBeUndefined();
    expect(torrent.warnings).toEqual(["the creation date is no date"]);
  });

  test("UTF-8 variants of names win over those of unknown encoding", () => {
    expect(pathsOf(singleFile({ name: Uint8Array.of(0xc4, 0xe3), "name.utf-8": "你" }))).toEqual(["你"]);
    const files = [{ path: [Uint8Array.of(0xc4, 0xe3)], "path.utf-8": ["你.txt"] }];
    expect(pathsOf(multiFile(files))).toEqual(["show/你.txt"]);
  });

  test("padding has bytes and no duplicates; executables, hidden files and links are marked", () => {
    const torrent = parsed(
      multiFile([
        { path: ["run"], attr: "x" },
        { path: [".pad", "6"], attr: "p", length: 6 },
        { path: [".hidden"], attr: "h" },
        { path: [".pad", "6"], attr: "p", length: 6 },
        { path: ["link"], attr: "l", length: undefined, "symlink path": ["run"] },
      ]),
    );
    expect(torrent.totalLength).toBe(32);
    expect(torrent.warnings).toEqual([]);
    expect(torrent.files.map((file) => file.isPadding)).toEqual([false, true, false, true, false]);
    expect(torrent.files.map((file) => file.attributes)).toMatchObject([
      { isExecutable: true },
      {},
      { isHidden: true },
      {},
      { symlinkTarget: ["show", "run"] },
    ]);
  });
});

describe("where its peers are", () => {
  test("tiers in their order, each tracker once, over a lone announce", () => {
    const list = [["http://a/1", "udp://b:80"], ["http://a/1"], ["https://c/"], []];
    expect(parsed(singleFile({}, { announce: "http://z/", "announce-list": list })).trackerTiers).toEqual([
      ["http://a/1", "udp://b:80"],
      ["https://c/"],
    ]);
    expect(parsed(singleFile({}, { announce: "http://z/", "announce-list": [[""]] })).trackerTiers).toEqual([
      ["http://z/"],
    ]);
  });

  test("a flat list is a tier a tracker; what is no URL is left out with a warning", () => {
    const torrent = parsed(singleFile({}, { "announce-list": ["http://a/", "nonsense", 5, "http://\u0001"] }));
    expect(torrent.trackerTiers).toEqual([["http://a/"]]);
    expect(torrent.warnings).toEqual([
      'tracker left out: "nonsense"',
      "tracker left out: not a string",
      'tracker left out: "http://"',
    ]);
  });

  test("at most 500 trackers are kept", () => {
    const list = Array.from({ length: 700 }, (_, i) => [`http://t${i}/`]);
    const torrent = parsed(singleFile({}, { "announce-list": list }));
    expect(torrent.trackerTiers.length).toBe(500);
    expect(torrent.warnings).toEqual(["more than 500 trackers: the rest is left out"]);
  });

  test("web seeds by http(s), one or many", () => {
    expect(parsed(singleFile({}, { "url-list": "https://w/x" })).webSeeds).toEqual(["https://w/x"]);
    const torrent = parsed(singleFile({}, { "url-list": ["http://a/", "file:///etc/passwd", "http://a/"] }));
    expect(torrent.webSeeds).toEqual(["http://a/"]);
    expect(torrent.warnings).toEqual(['web seed left out: "file:///etc/passwd"']);
    expect(parsed(singleFile({}, { httpseeds: ["http://h/seed", "udp://x"] })).httpSeeds).toEqual(["http://h/seed"]);
  });

  test("nodes, but none for a private torrent", () => {
    const nodes = [
      ["router.example", 6881],
      ["bad host", 1],
      ["x", 70_000],
    ];
    expect(parsed(singleFile({}, { nodes })).nodes).toEqual([{ host: "router.example", port: 6881 }]);
    expect(parsed(singleFile({ private: 1 }, { nodes })).nodes).toEqual([]);
  });
});

describe("what is refused", () => {
  test.each([
    ["text", fromLatin1("hello"), "bencode", "not a torrent: 0x68 at byte 0 where a string begins"],
    ["nothing", new Uint8Array(0), "bencode", "not a torrent: no bytes at all"],
    ["a list", fromLatin1("le"), "structure", "not a torrent: not a dictionary"],
    ["no info", fromLatin1("d8:announce1:xe"), "structure", "info: no such dictionary"],
    [
      "a truncated file",
      singleFile().subarray(0, 100),
      "bencode",
      "not a torrent: a string of 60 bytes at byte 69, only 28 are left",
    ],
    [
      "bytes after the end",
      concatBytes(singleFile(), Uint8Array.of(0)),
      "bencode",
      "not a torrent: 1 bytes after the end of the value at byte 134",
    ],
    ["no name", singleFile({ name: undefined }), "structure", "name: missing or not a string"],
    ["no piece length", singleFile({ "piece length": undefined }), "structure", "piece length: missing"],
    [
      "a piece length of 0",
      singleFile({ "piece length": 0 }),
      "piece-length",
      "piece length: 0 bytes, 1 to 536870912 are allowed",
    ],
    [
      "a huge piece length",
      singleFile({ "piece length": 2 ** 30 }),
      "piece-length",
      "piece length: 1073741824 bytes, 1 to 536870912 are allowed",
    ],
    ["no hashes", singleFile({ pieces: undefined }), "structure", "piece hashes: missing or not a string"],
    [
      "ragged hashes",
      singleFile({ pieces: new Uint8Array(41) }),
      "piece-hashes",
      "piece hashes: 41 bytes, not a multiple of 20",
    ],
    [
      "too few hashes",
      singleFile({ pieces: new Uint8Array(40) }),
      "piece-hashes",
      "piece hashes: 2 pieces, 3 expected for 40000 bytes in pieces of 16384",
    ],
    [
      "zero pieces",
      singleFile({ pieces: new Uint8Array(0) }),
      "piece-hashes",
      "piece hashes: 0 pieces, 3 expected for 40000 bytes in pieces of 16384",
    ],
    [
      "too many pieces",
      singleFile({ length: 2 ** 40, "piece length": 1 }),
      "piece-hashes",
      "1099511627776 pieces, at most 2097152",
    ],
    ["no length", singleFile({ length: undefined }), "structure", "length: missing"],
    [
      "a length of 0",
      singleFile({ length: 0, pieces: new Uint8Array(0) }),
      "length",
      "total length: 0 bytes in 1 files, nothing to download",
    ],
    ["a negative length", singleFile({ length: -5 }), "length", "length: -5 bytes"],
    [
      "a length of 2^53 - 1",
      singleFile({ length: 2 ** 53 - 1 }),
      "length",
      "length: 9007199254740991 bytes, at most 1125899906842624",
    ],
    ["a text as length", singleFile({ length: "12" }), "structure", "length: not an integer"],
    ["no files", multiFile([]), "structure", "files: the list is empty"],
    ["files that are none", multiFile([], { files: 3 }), "structure", "files: not a list"],
    ["a file that is none", multiFile([], { files: [3] }), "structure", "file 1: not a dictionary"],
    ["a file without path", multiFile([{}]), "structure", "file 1: path missing"],
    ["an empty path", multiFile([{ path: [] }]), "path", "file 1: path: empty"],
    [
      "lengths that sum up",
      multiFile([{ path: ["a"], length: 2 ** 50 }, { path: ["b"] }]),
      "length",
      "total length: 1125899906842634 bytes after file 2, at most 1125899906842624",
    ],
    [
      "101 folders",
      multiFile([{ path: Array.from({ length: 101 }, () => "d") }]),
      "path",
      "file 1: path: 101 parts, at most 100",
    ],
    [
      "an endless path",
      multiFile([{ path: Array.from({ length: 20 }, () => "d".repeat(200)) }]),
      "path",
      "file 1: path: 4040 bytes, at most 2048",
    ],
    [
      "v2 with a length of v1, and no hashes",
      singleFile({ "meta version": 2, pieces: undefined }),
      "structure",
      "piece hashes: missing or not a string",
    ],
    ["version 3", singleFile({ "meta version": 3 }), "unsupported", "meta version 3, 1 and 2 are known"],
    [
      "__proto__",
      encodeBencode(
        new Map([
          ["__proto__", new Map([["polluted", 1]])],
          ["info", new Map()],
        ]),
      ),
      "hostile-key",
      'a key "__proto__"',
    ],
    ["__proto__ in info", singleFile({ ["__proto__"]: 1 } as never), "hostile-key", 'a key "__proto__"'],
    [
      "a link with bytes",
      multiFile([{ path: ["l"], attr: "l", "symlink path": ["a"] }]),
      "length",
      "file 1: a symbolic link with 10 bytes",
    ],
    [
      "a link without target",
      multiFile([{ path: ["l"], attr: "l", length: 0 }]),
      "structure",
      "file 1: a symbolic link without its path",
    ],
    [
      "a link out of the torrent",
      multiFile([{ path: ["l"], attr: "l", length: 0, "symlink path": ["..", "x"] }]),
      "path",
      'file 1: its symbolic link leads out of its folder by a part ".."',
    ],
  ])("%s", (_, bytes, kind, words) => {
    expect(faultOf(bytes)).toEqual({ kind, words });
  });

  test("an integer beyond 64 bits, and one that only a bigint holds", () => {
    const text = (length: string) => fromLatin1(`d4:infod6:length${length}4:name1:x12:piece lengthi1e6:pieces0:ee`);
    expect(faultOf(text("i99999999999999999999e")).kind).toBe("bencode");
    expect(faultOf(text("i9007199254740993e")).words).toBe("length: 9007199254740993 bytes, at most 1125899906842624");
  });

  test("deep nesting, without using the stack", () => {
    expect(faultOf(fromLatin1(`d1:a${"l".repeat(200_000)}`)).words).toContain("more than 100 levels deep");
  });

  test.each([
    [["..", "evil"], 'file 1: path leads out of its folder by a part ".."'],
    [["a", "..", "..", "evil"], 'file 1: path leads out of its folder by a part ".."'],
    [["a/../../evil"], 'file 1: path leads out of its folder by a part ".."'],
    [["a\\..\\evil"], 'file 1: path leads out of its folder by a part ".."'],
    [["a", ".\u200b."], 'file 1: path leads out of its folder by a part ".."'],
    [["/etc/passwd"], "file 1: path is absolute"],
    [["\\windows"], "file 1: path is absolute"],
    [["C:\\windows\\x"], "file 1: path names a drive"],
    [["c:", "x"], "file 1: path names a drive"],
    [["\\\\server\\share"], "file 1: path names a network share"],
  ])("the path %j", (path, words) => {
    expect(faultOf(multiFile([{ path }]))).toEqual({ kind: "path", words });
    expect(faultOf(singleFile({ name: path.join("/") })).kind).toBe("path");
  });
});

describe("hybrid torrents", () => {
  const root = new Uint8Array(32).fill(9);
  const tree = { "film.mkv": { "": { length: 40_000, "pieces root": root } } };

  test("have both hashes and download as v1", () => {
    const torrent = parsed(singleFile({ "meta version": 2, "file tree": tree }));
    expect(torrent.infoHash).toEqual({
      kind: "hybrid",
      v1: new Uint8Array(createHash("sha1").update(torrent.infoBytes).digest()),
      v2: new Uint8Array(createHash("sha256").update(torrent.infoBytes).digest()),
    });
    expect(torrent.pieceCount).toBe(3);
  });

  test("are refused when their halves disagree", () => {
    const hybrid = (info: Parameters<typeof singleFile>[0]) => faultOf(singleFile({ "meta version": 2, ...info }));
    expect(hybrid({}).words).toBe("file tree: missing or not a dictionary");
    expect(hybrid({ "file tree": {} }).words).toBe("hybrid: 1 files in the list, 0 in the file tree");
    expect(hybrid({ "file tree": { a: { "": { length: 1, "pieces root": root } } } }).words).toBe(
      "hybrid: file 1 has 40000 bytes in the list, 1 in the file tree",
    );
    expect(hybrid({ "file tree": { a: { "": { length: 40_000 } } } }).words).toContain("32-byte root");
    expect(hybrid({ "file tree": tree, "piece length": 15_000 }).kind).toBe("piece-length");
  });
});
