/** Ids of clients that follow a convention of their own: how they begin, and what they are called. */
type Odd = readonly [beginning: RegExp, name: (...parts: string[]) => string];

const code = (character = "\0"): number => character.charCodeAt(0);
const twoDigits = (value: number): string => String(value).padStart(2, "0");

const ODD: readonly Odd[] = [
  // Two bytes of version; BitLord is of the same make.
  [
    /^(exbc|FUTB|xUTB)(.)(.)(LORD)?/s,
    (_lead, major, minor, lord) =>
      `${lord === undefined ? "BitComet" : "BitLord"} ${code(major)}.${twoDigits(code(minor))}`,
  ],
  [/^\0([^ -\xff])BS/, (version) => `BitSpirit ${Math.max(1, code(version))}`],
  [/^XBT(\d)(\d)(\d)/, (...parts) => `XBT Client ${parts.join(".")}`],
  [/^OP(\d{4})/, (build) => `Opera ${build}`],
  [/^Mbrst(\d+)-(\d+)-(\d+)/, (...parts) => `Burst! ${parts.join(".")}`],
  [/^Plus(\d)(\d)(\d)/, (major, minor, patch) => `Plus! ${major}.${minor}${patch}`],
  [/^QVOD(\d)(\d)(\d)(\d)/, (...parts) => `QVOD ${parts.join(".")}`],
  [/^S3-(\d+)-(\d+)-(\d+)-/, (...parts) => `Amazon S3 ${parts.join(".")}`],
  [/^TIX(\d\d)(\d\d)/, (major, minor) => `Tixati ${Number(major)}.${minor}`],
  [/^DNA(\d\d)(\d\d)(\d\d)/, (...parts) => `BitTorrent DNA ${parts.map(Number).join(".")}`],
  [/^btpd\/?(\d\.\d+)/, (version) => `BitTorrent Protocol Daemon ${version}`],
  [/^turbobt(\d+\.\d+\.\d+)/, (version) => `TurboBT ${version}`],
  // A0B and A0C are 1.0.5 and 1.0.6.
  [/^-BOWA0([BC])/, (letter) => `Bits on Wheels 1.0.${letter === "B" ? 5 : 6}`],
  [/^-BOW/, () => "Bits on Wheels"],
  // Where three digits are not enough the last dash is one more.
  [
    /^-(UT|UM|UE|BT)([0-9a-f])([0-9a-f])(\d\d)[0-9A-Za-z]/,
    (maker, major, minor, patch) =>
      `${NEWER[maker as keyof typeof NEWER]} ${[major, minor].map((digit) => Number.parseInt(digit ?? "0", 16)).join(".")}.${Number(patch)}`,
  ],
  [/^-aria2-|^aria2-/, () => "aria2"],
  [/^-G3/, () => "G3 Torrent"],
  [/^-WT-/, () => "BitLet"],
  [/^.{5}Azureus/s, () => "Azureus 2.0.3.2"],
  [/^AZ2500BT/, () => "BitTyrant"],
  [/^BLZ/, () => "Blizzard Downloader"],
  [/^LIME/, () => "LimeWire"],
  [/^Pando/, () => "Pando"],
  [/^martini/, () => "Martini Man"],
  [/^Deadman Walking-/, () => "Deadman"],
  [/^a0[02]---0/, () => "Swarmy"],
  [/^T00---0/, () => "Teeweety"],
  [/^10-------/, () => "JVtorrent"],
  [/^346-/, () => "TorrentTopia"],
  [/^271-/, () => "GreedBT 2.7.1"],
  [/^eX/, () => "eXeem"],
];
const NEWER = { UT: "µTorrent", UM: "µTorrent for Mac", UE: "µTorrent Embedded", BT: "BitTorrent" };

/** @param id - One character a byte. @returns Undefined for what is none of these. */
export function oddClientName(id: string): string | undefined {
  for (const [beginning, name] of ODD) {
    const match = beginning.exec(id);
    if (match !== null) return name(...match.slice(1));
  }
  return undefined;
}
