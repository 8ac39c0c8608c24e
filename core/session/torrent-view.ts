import { type FileView, PIECE_STATE, type TorrentView } from "../contract/views.ts";
import type { Bytes } from "../model/units.ts";
import type { Torrent } from "./torrent.ts";

/** How far each file is, in bytes that are verified; kept until another piece is verified. */
const progressOf = new WeakMap<
  Torrent,
  { readonly ledger: object; readonly verified: number; readonly files: Float64Array }
>();

function fileProgress(torrent: Torrent): Float64Array {
  const { ledger } = torrent.swarm;
  const known = progressOf.get(torrent);
  if (known !== undefined && known.ledger === ledger && known.verified === ledger.verified.count) return known.files;
  const { files, fileLayout, pieceLength } = torrent.metainfo;
  const progress = new Float64Array(files.length);
  for (let index = 0; index < files.length; index++) {
    const span = fileLayout.piecesOf(index, pieceLength);
    if (span === undefined) continue;
    const start = fileLayout.starts[index] as number;
    const end = start + (files[index] as { length: Bytes }).length;
    let done = 0;
    for (let piece = span.first; piece <= span.last; piece++) {
      if (!ledger.verified.has(piece)) continue;
      const from = Math.max(start, piece * pieceLength);
      done += Math.min(end, (piece + 1) * pieceLength) - from;
    }
    progress[index] = done;
  }
  progressOf.set(torrent, { ledger, verified: ledger.verified.count, files: progress });
  return progress;
}

export function torrentView(torrent: Torrent): TorrentView {
  const { metainfo, swarm, activity } = torrent;
  const progress = fileProgress(torrent);
  let bytesDone = 0;
  let bytesWanted = 0;
  let bytesTotal = 0;
  let fileCount = 0;
  metainfo.files.forEach((file, index) => {
    if (file.isPadding) return;
    fileCount++;
    bytesTotal += file.length;
    if (torrent.unwantedFiles.has(index)) return;
    bytesWanted += file.length;
    bytesDone += progress[index] as number;
  });
  let peersConnected = 0;
  let seedsConnected = 0;
  for (const peer of swarm.peers) {
    if (peer.phase !== "open") continue;
    peersConnected++;
    if (peer.isSeed) seedsConnected++;
  }
  let swarmSeeds: number | undefined;
  let swarmLeechers: number | undefined;
  for (const tracker of torrent.announcer.views()) {
    if (tracker.seeds !== undefined) swarmSeeds = Math.max(swarmSeeds ?? 0, tracker.seeds);
    if (tracker.leechers !== undefined) swarmLeechers = Math.max(swarmLeechers ?? 0, tracker.leechers);
  }
  const left = bytesWanted - bytesDone;
  const downRate = activity.kind === "running" ? torrent.down.rate : 0;
  return {
    id: torrent.id,
    name: metainfo.name,
    infoHash: metainfo.infoHash,
    state: state(torrent),
    ...(activity.kind === "faulted" ? { fault: activity.fault } : {}),
    ...(swarm.metadata.isKnown ? {} : { metadata: swarm.metadata.progress }),
    asksForFiles: torrent.hasMetadata && torrent.asksForFiles,
    ...(activity.kind === "checking" ? { bytesChecked: activity.checked } : {}),
    bytesDone,
    bytesWanted,
    bytesTotal,
    downLimit: torrent.traffic.down.limit,
    upLimit: torrent.traffic.up.limit,
    downRate,
    upRate: activity.kind === "running" ? torrent.up.rate : 0,
    downloaded: torrent.downloaded,
    uploaded: torrent.uploaded,
    wasted: torrent.wasted,
    ...(left > 0 && downRate > 0 ? { eta: Math.round((left / downRate) * 1000) } : {}),
    peersConnected,
    seedsConnected,
    peersKnown: swarm.book.size,
    ...(swarmSeeds === undefined ? {} : { swarmSeeds }),
    ...(swarmLeechers === undefined ? {} : { swarmLeechers }),
    pieceCount: metainfo.pieceCount,
    pieceLength: metainfo.pieceLength,
    piecesVerified: swarm.ledger.verified.count,
    fileCount,
    folder: torrent.folder,
    isPrivate: metainfo.isPrivate,
    isSuperSeeding: swarm.isSuperSeeding,
    isSequential: torrent.wishes.isSequential,
    maxConnections: torrent.wishes.maxConnections,
    unchokeSlots: torrent.wishes.unchokeSlots,
    ...(metainfo.comment === undefined ? {} : { comment: metainfo.comment }),
    ...(metainfo.createdBy === undefined ? {} : { createdBy: metainfo.createdBy }),
    ...(metainfo.createdAt === undefined ? {} : { createdAt: metainfo.createdAt }),
    addedAt: torrent.addedAt,
    ...(torrent.completedAt === undefined ? {} : { completedAt: torrent.completedAt }),
    ...(torrent.recording === undefined ? {} : { recording: torrent.recording.view }),
  };
}

function state({ activity, swarm }: Torrent): TorrentView["state"] {
  switch (activity.kind) {
    case "checking":
      return "checking";
    case "paused":
      return "paused";
    case "faulted":
      return "stopped-by-fault";
    case "running":
      if (!swarm.metadata.isKnown) return "fetching-metadata";
      return swarm.isSeeding ? "seeding" : "downloading";
  }
}

export function fileViews(torrent: Torrent): FileView[] {
  const progress = fileProgress(torrent);
  const views: FileView[] = [];
  torrent.metainfo.files.forEach((file, index) => {
    if (file.isPadding) return;
    views.push({
      index,
      path: file.path.join("/"),
      length: file.length,
      offset: torrent.metainfo.fileLayout.starts[index] as number,
      bytesDone: progress[index] as number,
      isWanted: !torrent.unwantedFiles.has(index),
      priority: torrent.wishes.priorityOf(index),
    });
  });
  return views;
}

/** A `PIECE_STATE` a piece. */
export function pieceStates(torrent: Torrent): Uint8Array {
  const { ledger } = torrent.swarm;
  const states = new Uint8Array(ledger.layout.pieceCount);
  for (let piece = 0; piece < states.length; piece++) {
    if (ledger.verified.has(piece)) states[piece] = PIECE_STATE.verified;
    else if (!ledger.wanted.has(piece)) states[piece] = PIECE_STATE.unwanted;
  }
  for (const piece of ledger.failed) states[piece] = PIECE_STATE.failed;
  for (const piece of ledger.partials.keys()) states[piece] = PIECE_STATE.requested;
  for (const piece of ledger.writing.keys()) states[piece] = PIECE_STATE.writing;
  return states;
}

/** How many connected peers have each piece, 255 for more. */
export function availabilityBytes(torrent: Torrent): Uint8Array {
  const { rarest, ledger } = torrent.swarm;
  const bytes = new Uint8Array(ledger.layout.pieceCount);
  for (let piece = 0; piece < bytes.length; piece++) bytes[piece] = Math.min(255, rarest.availability(piece));
  return bytes;
}
