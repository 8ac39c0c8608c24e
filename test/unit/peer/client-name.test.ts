import { expect, test } from "vitest";
import { fromHex, fromLatin1 } from "../../../core/model/bytes.ts";
import { clientName, rawClientName } from "../../../core/peer/client-name.ts";

/** Ids as seen in swarms; what follows the eighth byte is chance. */
const known: readonly [id: string, name: string][] = [
  ["-qB4520-", "qBittorrent 4.5.2"],
  ["-qB5040-", "qBittorrent 5.0.4"],
  ["-qB33G0-", "qBittorrent 3.3.16"],
  ["-TR2940-", "Transmission 2.94"],
  ["-TR3000-", "Transmission 3.00"],
  ["-TR4060-", "Transmission 4.0.6"],
  ["-TR400Z-", "Transmission 4.0.0"],
  ["-TR410B-", "Transmission 4.1.0"],
  ["-LT2080-", "libtorrent 2.0.8"],
  ["-LT20B0-", "libtorrent 2.0.11"],
  ["-LT1210-", "libtorrent 1.2.1"],
  ["-lt0D60-", "rTorrent 0.13.6"],
  ["-lt0F70-", "rTorrent 0.15.7"],
  ["-DE13F0-", "Deluge 1.3.15"],
  ["-DE211s-", "Deluge 2.1.1"],
  ["-UT355S-", "µTorrent 3.5.5"],
  ["-UT2210-", "µTorrent 2.2.1"],
  ["-UM1870-", "µTorrent for Mac 1.8.7"],
  ["-UW130S-", "µTorrent Web 1.3.0"],
  ["-BT7a5S-", "BitTorrent 7.10.5"],
  ["-AZ5770-", "Azureus 5.7.7.0"],
  ["-BI2700-", "BiglyBT 2.7.0.0"],
  ["-WW0202-", "WebTorrent 2.2"],
  ["-WW0112-", "WebTorrent 1.12"],
  ["-WW01M7-", "WebTorrent 0.1.22.7"],
  ["-BC0209-", "BitComet 2.09"],
  ["-BC0171-", "BitComet 1.71"],
  ["-KT5120-", "KTorrent 5.1.2.0"],
  ["-XL0012-", "Xunlei 0.0.1.2"],
  ["-PS0100-", "Peerscope 0.1"],
  ["-TX2850-", "Tixati 2.8.5"],
  ["-FL51FF-", "Flud 5.1.15.15"],
  ["-RN2.0.0-", "rain 2.0.0"],
  ["-ML3.1.6-", "MLdonkey 3.1.6"],
  ["-A~0010-", "Ares 0.0.1"],
  ["-LC0680-", "LeechCraft 0.6.8"],
  ["-OS1300-", "OneSwarm 1.3"],
  ["-RQ0001-", "rqbit 0.0.0.1"],
  ["A2-1-36-0-", "aria2 1.36.0"],
  ["M7-2-1--", "Mainline 7.2.1"],
  ["M4-20-8-", "Mainline 4.20.8"],
  ["Q1-10-0-", "Queen Bee 1.10.0"],
  ["S58B-----", "Shadow 5.8.11"],
  ["T03I-----", "BitTornado 0.3.18"],
  ["A310--", "ABC 3.1.0"],
  ["-ZZ1230-", "ZZ 1.2.3"],
  ["M7-10-5--", "Mainline 7.10.5"],
  ["-UE2500-", "µTorrent Embedded 2.5.0"],
  ["-UT35599", "µTorrent 3.5.59"],
  ["-BN0001-", "Baidu Netdisk 0.0.0.1"],
  ["-SM1100-", "SoMud 1.1"],
  ["exbc\0\x38", "BitComet 0.56"],
  ["exbc\x01\x01LORD", "BitLord 1.01"],
  ["FUTB\0\x38", "BitComet 0.56"],
  ["\0\x03BS", "BitSpirit 3"],
  ["\0\0BS", "BitSpirit 1"],
  ["XBT054d-", "XBT Client 0.5.4"],
  ["OP7685", "Opera 7685"],
  ["Mbrst1-1-3", "Burst! 1.1.3"],
  ["Plus150", "Plus! 1.50"],
  ["QVOD0054", "QVOD 0.0.5.4"],
  ["S3-1-0-0--", "Amazon S3 1.0.0"],
  ["TIX0285-", "Tixati 2.85"],
  ["DNA020101-", "BitTorrent DNA 2.1.1"],
  ["btpd/0.16", "BitTorrent Protocol Daemon 0.16"],
  ["turbobt8.4.1", "TurboBT 8.4.1"],
  ["-BOWA0C-", "Bits on Wheels 1.0.6"],
  ["-BOWP0B-", "Bits on Wheels"],
  ["-G3g3rmz", "G3 Torrent"],
  ["-WT-", "BitLet"],
  ["-aria2-", "aria2"],
  ["\0\0\0\0\0Azureus", "Azureus 2.0.3.2"],
  ["AZ2500BT", "BitTyrant"],
  ["BLZ\x01\x02", "Blizzard Downloader"],
  ["LIME", "LimeWire"],
  ["Pando", "Pando"],
  ["martini", "Martini Man"],
  ["Deadman Walking-", "Deadman"],
  ["a02---0", "Swarmy"],
  ["T00---0", "Teeweety"],
  ["10-------", "JVtorrent"],
  ["346-----", "TorrentTopia"],
  ["271-----", "GreedBT 2.7.1"],
  ["eX0123", "eXeem"],
  ["-ZZ123.-", "ZZ 1.2.3"],
];

const idOf = (start: string, rest = "!abcXYZ0123456789") => fromLatin1((start + rest).slice(0, 20).padEnd(20, "z"));

test.each(known)("%s is %s", (id, name) => {
  expect(clientName(idOf(id))).toBe(name);
});

test.each(["", "-qB452", "exb", "--------------------", "\0\0\0\0\0\0\0\0\0\0\0\0", "-q\xff4520-", "Mx-2-1--"])(
  "%j is no client that is known",
  (id) => {
    expect(clientName(idOf(id, "\x01\x02"))).toBeUndefined();
  },
);

test("an unknown id is shown as its first characters, or else as hex", () => {
  expect(rawClientName(idOf("ABCDEFGH"))).toBe("ABCDEFGH");
  expect(rawClientName(fromHex("00".repeat(20)) as Uint8Array)).toBe("00".repeat(20));
});
