import type { Metainfo, TorrentFile } from "../../metainfo/metainfo.ts";
import { toHex } from "../../model/bytes.ts";
import { type Preview, Previews } from "../../runtime/previews.ts";
import { Failure, wordsOf } from "./faults.ts";
import { counted, formatBytes } from "./format.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what a .torrent says. */
export async function inspect(source: string, json: boolean, terminal: Terminal): Promise<number> {
  const { metainfo } = await readTorrent(source);
  terminal.write(json ? `${JSON.stringify(described(metainfo))}\n` : pictured(metainfo));
  return 0;
}

/** How `preview` commands name what the user calls a torrent. */
export function torrentSource(text: string) {
  if (/^magnet:/i.test(text)) return { from: "magnet", link: text } as const;
  return /^https?:\/\//i.test(text) ? ({ from: "url", url: text } as const) : ({ from: "path", path: text } as const);
}

/** The words of a torrent's fault, its source before them. */
export function faultOf(source: string, error: unknown): string {
  const words = wordsOf(error);
  return words.startsWith(source) ? words : `${source}: ${words}`;
}

async function readTorrent(source: string): Promise<Preview> {
  try {
    return await new Previews().look(torrentSource(source));
  } catch (error) {
    throw new Failure(faultOf(source, error), { cause: error });
  }
}

function described(torrent: Metainfo): object {
  const { infoHash } = torrent;
  return {
    name: torrent.name,
    kind: infoHash.kind,
    infoHash: infoHash.kind === "v2" ? null : toHex(infoHash.v1),
    infoHashV2: infoHash.kind === "v1" ? null : toHex(infoHash.v2),
    ...contentOf(torrent),
    isPrivate: torrent.isPrivate,
    trackers: torrent.trackerTiers,
    webSeeds: torrent.webSeeds,
    nodes: torrent.nodes,
    comment: torrent.comment ?? null,
    createdBy: torrent.createdBy ?? null,
    createdAt: torrent.createdAt ?? null,
    source: torrent.source ?? null,
    warnings: torrent.warnings,
  };
}

/** A magnet link does not tell: null. */
function contentOf(torrent: Metainfo) {
  if (torrent.magnet !== undefined) {
    return { bytesTotal: null, totalLength: null, pieceLength: null, pieceCount: null, files: null };
  }
  return {
    bytesTotal: realLength(torrent),
    totalLength: torrent.totalLength,
    pieceLength: torrent.pieceLength,
    pieceCount: torrent.pieceCount,
    files: torrent.files.map((file) => ({
      path: file.path.join("/"),
      length: file.length,
      isPadding: file.isPadding,
      isExecutable: file.attributes.isExecutable,
      isHidden: file.attributes.isHidden,
      ...(file.attributes.symlinkTarget && { symlinkTarget: file.attributes.symlinkTarget.join("/") }),
    })),
  };
}

function realLength(torrent: Metainfo): number {
  return torrent.files.reduce((sum, file) => sum + (file.isPadding ? 0 : file.length), 0);
}

function pictured(torrent: Metainfo): string {
  const { infoHash } = torrent;
  const real = torrent.files.filter((file) => !file.isPadding);
  const isLink = torrent.magnet !== undefined;
  const rows: [string, string | undefined][] = [
    ["Name", torrent.name],
    ["Info hash", infoHash.kind === "v2" ? undefined : toHex(infoHash.v1)],
    ["Info hash v2", infoHash.kind === "v1" ? undefined : toHex(infoHash.v2)],
    ...(isLink ? LINK_ROWS : contentRows(torrent, real)),
    ["Private", torrent.isPrivate ? "yes: peers from its trackers only" : undefined],
    ["Comment", torrent.comment],
    ["Created by", torrent.createdBy],
    ["Created", torrent.createdAt === undefined ? undefined : new Date(torrent.createdAt).toISOString()],
    ["Source", torrent.source],
    ...torrent.trackerTiers.flatMap((tier, index) =>
      tier.map((url): [string, string] => [torrent.trackerTiers.length > 1 ? `Tracker ${index + 1}` : "Tracker", url]),
    ),
    ...torrent.webSeeds.map((url): [string, string] => ["Web seed", url]),
    ...torrent.nodes.map(({ host, port }): [string, string] => ["DHT node", `${host} ${port}`]),
    ...torrent.warnings.map((text): [string, string] => ["Warning", text]),
  ];
  const said = rows.filter(([, text]) => text !== undefined);
  const width = Math.max(...said.map(([label]) => label.length));
  const head = said.map(([label, text]) => `${label.padEnd(width)}  ${text}`);
  return `${[...head, ...(isLink ? [] : ["Files", ...real.map(fileLine)])].join("\n")}\n`;
}

const LINK_ROWS: [string, string][] = [["Metadata", "comes from peers: its files and sizes are not known yet"]];

function contentRows(torrent: Metainfo, real: readonly TorrentFile[]): [string, string][] {
  const size = realLength(torrent);
  return [
    ["Size", `${formatBytes(size)} (${size} bytes) in ${counted(real.length, "file")}`],
    ["Pieces", `${torrent.pieceCount} of ${formatBytes(torrent.pieceLength)} (${torrent.pieceLength} bytes)`],
  ];
}

function fileLine(file: TorrentFile): string {
  const { isExecutable, isHidden, symlinkTarget } = file.attributes;
  const marks = [
    isExecutable && "executable",
    isHidden && "hidden",
    symlinkTarget && `link to ${symlinkTarget.join("/")}`,
  ];
  const shown = marks.filter(Boolean).join(", ");
  return `${formatBytes(file.length).padStart(12)}  ${file.path.join("/")}${shown === "" ? "" : ` (${shown})`}`;
}
