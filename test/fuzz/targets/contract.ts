import { encodeMessage } from "../../../core/contract/codec.ts";
import type { Command } from "../../../core/contract/messages.ts";
import { readFrame } from "../../../core/host/engine-frames.ts";
import { bytesEqual, fromLatin1 } from "../../../core/model/bytes.ts";
import { claim, pick, type Target } from "../target.ts";

const torrent = "0123456789abcdef0123456789abcdef01234567";
const commands: readonly Command[] = [
  { kind: "preview", source: { from: "bytes", bytes: Uint8Array.of(1, 2, 3) } },
  { kind: "preview", source: { from: "url", url: "http://example.org/a.torrent" } },
  { kind: "preview", source: { from: "path", path: "/a" } },
  { kind: "look-at-folder", path: "/a" },
  { kind: "add", token: "t", folder: "/a", wantedFiles: [0, 2], paused: true },
  { kind: "pause", torrent },
  { kind: "remove", torrent, withData: false },
  { kind: "want-files", torrent, files: [1], wanted: true },
  { kind: "add-peer", torrent, host: "127.0.0.1", port: 6881 },
  { kind: "limit", torrent, peer: 3, downLimit: 1024, upLimit: 0 },
  { kind: "disconnect", torrent, peer: 3 },
  { kind: "change-settings", settings: { downLimit: 5, encryptionIncoming: "require", transport: "both" } },
];
const corpus = [
  encodeMessage({ kind: "watch", watches: [] }),
  encodeMessage({
    kind: "watch",
    watches: [{ torrent, parts: ["peers", "pieces", "blocks"], peer: 7, piece: 3 }],
    isHidden: true,
  }),
  ...commands.map((command) => encodeMessage({ kind: "command", id: 1, command })),
];

/** What an interface may not say is refused in words; what it may say is the same after another journey. */
export const contract: Target = {
  name: "contract",
  share: 40,
  meets: ["message", "no value", "no message"],
  // Of MessagePack: long arrays, maps, texts and bytes, extensions, numbers beyond all, a prototype.
  tokens: [
    "\xdd\xff\xff\xff\xff",
    "\xdf\xff\xff\xff\xff",
    "\xdb\x04\xff\xff\xff",
    "\xc6\x04\xff\xff\xff",
    "\xc7\xff\x01",
    "\xd6\xff",
    "\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    "\xa9__proto__",
    "\x91".repeat(64),
    "\xc0",
    "\xc1",
  ].map(fromLatin1),
  make: (random) => pick(random, corpus),
  judge(input) {
    const read = readFrame(input);
    if (!read.ok) {
      claim(read.fault.length > 0, "a fault without a word");
      return read.fault.startsWith("not one MessagePack value") ? "no value" : "no message";
    }
    const again = encodeMessage(read.message);
    const reread = readFrame(again);
    claim(reread.ok && bytesEqual(encodeMessage(reread.message), again), "sent again it is another");
    return "message";
  },
};
