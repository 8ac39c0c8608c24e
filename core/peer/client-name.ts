import { toHex, toLatin1 } from "../model/bytes.ts";
import { oddClientName } from "./odd-client-ids.ts";

/** Azureus style: `-XX1234-` (names as published by their projects). */
const AZUREUS: Readonly<Record<string, string>> = {
  "7T": "aTorrent",
  AB: "AnyEvent::BitTorrent",
  AG: "Ares",
  AR: "Arctic",
  AT: "Artemis",
  AV: "Avicora",
  AX: "BitPump",
  AZ: "Azureus",
  "A~": "Ares",
  BB: "BitBuddy",
  BC: "BitComet",
  BE: "BitTorrent SDK",
  BF: "Bitflu",
  BG: "BTG",
  BH: "BitZilla",
  BI: "BiglyBT",
  BL: "BitBlinder",
  BM: "BitMagnet",
  BN: "Baidu Netdisk",
  BP: "BitTorrent Pro",
  BR: "BitRocket",
  BS: "BTSlave",
  BT: "BitTorrent",
  BU: "BigUp",
  BW: "BitWombat",
  BX: "Bittorrent X",
  CD: "Enhanced CTorrent",
  CT: "CTorrent",
  DE: "Deluge",
  DP: "Propagate",
  EB: "EBit",
  ES: "Electric Sheep",
  FC: "FileCroc",
  FD: "Free Download Manager",
  FG: "FlashGet",
  FL: "Flud",
  FT: "FoxTorrent",
  FW: "FrostWire",
  FX: "Freebox",
  GR: "GetRight",
  GS: "GSTorrent",
  HK: "Hekate",
  HL: "Halite",
  HN: "Hydranode",
  IL: "iLivid",
  JS: "Justseed.it",
  KC: "Koinonein",
  KG: "KGet",
  KT: "KTorrent",
  LC: "LeechCraft",
  LH: "LH-ABC",
  LK: "Linkage",
  LP: "Lphant",
  LR: "LibreTorrent",
  LT: "libtorrent",
  LW: "LimeWire",
  MG: "MediaGet",
  MK: "Meerkat",
  ML: "MLdonkey",
  MO: "MonoTorrent",
  MP: "MooPolice",
  MR: "Miro",
  MT: "Moonlight",
  NE: "BT Next Evolution",
  NX: "Net Transport",
  OS: "OneSwarm",
  OT: "OmegaTorrent",
  PC: "CacheLogic",
  PD: "Pando",
  PE: "PeerProject",
  PI: "PicoTorrent",
  PS: "Peerscope",
  PT: "PHPTracker",
  QD: "QQDownload",
  QT: "Qt 4 example",
  RN: "rain",
  RQ: "rqbit",
  RS: "Rufus",
  RT: "Retriever",
  RZ: "RezTorrent",
  SB: "Swiftbit",
  SD: "Thunder",
  SK: "Spark",
  SM: "SoMud",
  SN: "ShareNET",
  SP: "BitSpirit",
  SS: "SwarmScope",
  ST: "SymTorrent",
  SZ: "Shareaza",
  "S~": "Shareaza beta",
  TB: "Torch",
  TE: "terasaur",
  TL: "Tribler",
  TN: "Torrent.NET",
  TR: "Transmission",
  TS: "TorrentStorm",
  TT: "TuoTu",
  TX: "Tixati",
  UE: "µTorrent Embedded",
  UL: "uLeecher",
  UM: "µTorrent for Mac",
  UT: "µTorrent",
  UW: "µTorrent Web",
  VG: "Vagaa",
  WS: "HTTP Seed",
  WT: "BitLet",
  WW: "WebTorrent",
  WY: "FireTorrent",
  XC: "Xtorrent",
  XF: "Xfplay",
  XL: "Xunlei",
  XS: "XSwifter",
  XT: "XanTorrent",
  XX: "Xtorrent",
  ZO: "Zona",
  ZT: "ZipTorrent",
  bk: "BitKitten",
  cT: "CuteTorrent",
  lt: "rTorrent",
  pX: "pHoeniX",
  pb: "pbTorrent",
  qB: "qBittorrent",
  st: "SharkTorrent",
};

/** Shadow style: one letter, then version characters before `---`. */
const SHADOW: Readonly<Record<string, string>> = {
  A: "ABC",
  O: "Osprey Permaseed",
  Q: "BTQueue",
  R: "Tribler",
  S: "Shadow",
  T: "BitTornado",
  U: "UPnP NAT BitTorrent",
};

const SHADOW_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-";

/**
 * Name and version from a peer id: Azureus style (BEP 20), Shadow style, the mainline's `M7-2-1--`, and odd ones.
 * @returns Undefined when the id follows no known convention.
 */
export function clientName(peerId: Uint8Array): string | undefined {
  const text = toLatin1(peerId);
  return oddClientName(text) ?? azureus(text) ?? dotted(text) ?? mainline(text) ?? aria2(text) ?? shadow(text);
}

/** The first eight bytes as text where they are, else all as hex: for clients without a name. */
export function rawClientName(peerId: Uint8Array): string {
  const text = toLatin1(peerId.subarray(0, 8));
  return /^[\x20-\x7e]{8}$/.test(text) ? text : toHex(peerId);
}

function azureus(text: string): string | undefined {
  const match = /^-([A-Za-z0-9~]{2})([A-Za-z0-9]{3})([A-Za-z0-9.])-/.exec(text);
  if (match === null) return undefined;
  const [, code = "", digits = "", last = ""] = match;
  const name = AZUREUS[code] ?? code;
  return `${name} ${azureusVersion(code, digits + last)}`;
}

function azureusVersion(code: string, version: string): string {
  const digits = [...version].filter((digit) => digit !== ".").map((digit) => Number.parseInt(digit, 36));
  const [major = 0, minor = 0, patch = 0, tag = 0] = digits;
  switch (code) {
    case "TR":
      // Before 3.0 one digit and two digits; then `3000` is 3.00, `400Z`a development build of 4.0.0.
      return version.startsWith("3") || version < "3"
        ? `${major}.${version.slice(1, 3)}`
        : `${major}.${minor}.${patch}`;
    case "UT":
    case "UE":
    case "UM":
    case "UW":
    case "BT":
      return `${major}.${minor}.${patch}`;
    case "BC":
      return `${major * 10 + minor}.${version.slice(2)}`;
    case "WW":
      return /^\d{4}$/.test(version)
        ? `${Number(version.slice(0, 2))}.${Number(version.slice(2))}`
        : plainVersion(digits);
    case "DE":
      // A letter at the end marks a build, not a version.
      return /[a-z]$/.test(version) ? `${major}.${minor}.${patch}` : plainVersion(digits);
    case "KT":
    case "AZ":
    case "BI":
      return `${major}.${minor}.${patch}.${tag}`;
    default:
      return plainVersion(digits);
  }
}

function plainVersion(digits: readonly number[]): string {
  const parts = [...digits];
  while (parts.length > 2 && parts.at(-1) === 0) parts.pop();
  return parts.join(".");
}

/** Azureus style with the version as it is written: `-ML3.1.6-`. */
function dotted(text: string): string | undefined {
  const match = /^-([A-Za-z]{2})(\d+\.\d+(?:\.\d+)?)-/.exec(text);
  return match === null ? undefined : `${AZUREUS[match[1] as string] ?? match[1]} ${match[2]}`;
}

function mainline(text: string): string | undefined {
  const match = /^([MQ])(\d+)-(\d+)-(\d+)-/.exec(text);
  if (match === null) return undefined;
  return `${match[1] === "M" ? "Mainline" : "Queen Bee"} ${match[2]}.${match[3]}.${match[4]}`;
}

function aria2(text: string): string | undefined {
  const match = /^A2-(\d+)-(\d+)-(\d+)-/.exec(text);
  return match === null ? undefined : `aria2 ${match[1]}.${match[2]}.${match[3]}`;
}

function shadow(text: string): string | undefined {
  const match = /^([AOQRSTU])([0-9A-Za-z.-]{3,5})--/.exec(text);
  if (match === null) return undefined;
  const version = [...(match[2] ?? "")].map((digit) => SHADOW_DIGITS.indexOf(digit)).filter((value) => value < 62);
  return `${SHADOW[match[1] as string]} ${version.join(".")}`;
}
