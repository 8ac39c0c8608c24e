import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, vi } from "vitest";
import { KIB } from "../../core/model/units.ts";
import type { Payload } from "../setup/payload.ts";
import { needs, requireLibtorrent } from "../setup/requirements.ts";
import { until } from "../setup/until.ts";
import type { Job } from "./clients/client.ts";
import { type LibtorrentReport, startLibtorrent } from "./clients/libtorrent.ts";
import { type RunningPeerscope, requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { type Lab, test } from "./lab.ts";

const PIECES = 32;
const PIECE = 64 * KIB;
const payload: Payload = { name: "flags.bin", pieceLength: PIECE, files: [{ length: PIECES * PIECE }] };
/** A piece in four seconds: long enough for both to say what is. */
const PACE = ["--down-limit", "16K", "--up-limit", "16K"];

const all = Array.from({ length: PIECES }, (_, piece) => piece);
const even = all.filter((piece) => piece % 2 === 0);
const odd = all.filter((piece) => piece % 2 === 1);

/** What each has in the beginning. */
const states = [
  { words: "when it seeds", theirs: all, ours: [] },
  { words: "when it seeds and chokes us", theirs: all, ours: [], chokes: true },
  { words: "when we seed", theirs: [], ours: all },
  { words: "when each has what the other lacks", theirs: even, ours: odd },
  { words: "when both have the same half", theirs: even, ours: even },
] as const;

const manners = (["in", "out"] as const).flatMap((way) =>
  (["tcp", "utp"] as const).flatMap((transport) =>
    (["plain", "rc4"] as const).map((encryption) => ({ way, transport, encryption })),
  ),
);

vi.setConfig({ maxConcurrency: 8 });

describe.concurrent("libtorrent and we agree on each other", needs(requirePeerscope(), requireLibtorrent()), () => {
  for (const { way, transport, encryption } of manners) {
    for (const { words, theirs, ours: have, ...rest } of states) {
      const whole = `${words}, ${way === "in" ? "it dialled" : "we dialled"} over ${transport}, ${encryption}`;
      test(whole, async ({ openLab }) => {
        const lab = openLab(payload);
        const manner = {
          ...(transport === "utp" ? ({ transport } as const) : {}),
          ...(encryption === "rc4" ? ({ encryption: "required" } as const) : {}),
        };
        const startTheirs = (job: Job) => lab.start(startLibtorrent(job, rest));
        const startOurs = async (job: Job) => {
          const started = await lab.start(startPeerscope(job, PACE));
          await started.seen("progress", ({ state }) => state !== "checking");
          return started;
        };
        const theirJob = { ...jobWith(lab, theirs), ...manner };
        const ourJob = { ...jobWith(lab, have), ...manner };
        const first = await (way === "in" ? startOurs(ourJob) : startTheirs(theirJob));
        const peers = [first.endpoint];
        const second = await (way === "in" ? startTheirs({ ...theirJob, peers }) : startOurs({ ...ourJob, peers }));
        const [ours, their] = "report" in first ? [second, first] : [first, second];
        if (!("events" in ours) || !("report" in their)) throw new Error("two of a kind");

        // Rows change while blocks flow: they are compared until they are the same, and shown when they never are.
        let rows: [ours: object | undefined, theirs: object | undefined] = [{}, undefined];
        const impatience = AbortSignal.timeout(30_000);
        const agree = async () => {
          const report = await their.report();
          rows = [rowOf(ours), mirrored(report)];
          return rows[0] !== undefined && JSON.stringify(rows[0]) === JSON.stringify(rows[1]);
        };
        await until(agree, impatience).catch(() => undefined);
        expect(rows[0]).toEqual(rows[1]);
        expect(rows[0]).toMatchObject({
          direction: way === "in" ? "incoming" : "outgoing",
          transport,
          encryption: encryption === "plain" ? "none" : "rc4",
          weAreInterested: theirs.some((piece) => !have.some((own) => own === piece)),
          peerIsInterested: have.some((piece) => !theirs.some((own) => own === piece)),
          ...("chokes" in rest ? { peerChokes: true } : {}),
        });
      });
    }
  }
});

/** A folder with these pieces in it, and zeros in place of the rest. */
function jobWith(lab: Lab, pieces: readonly number[]): Job {
  const job = lab.leechJob();
  if (pieces.length === 0) return job;
  const source = readFileSync(join(lab.sourceFolder, payload.name));
  const bytes = Buffer.alloc(source.length);
  for (const piece of pieces) source.copy(bytes, piece * PIECE, piece * PIECE, (piece + 1) * PIECE);
  mkdirSync(job.folder, { recursive: true });
  writeFileSync(join(job.folder, payload.name), bytes);
  return job;
}

/** What we last said of the peer that is open, and of ourselves. */
function rowOf({ events }: RunningPeerscope): object | undefined {
  const peer = events.findLast(({ event, phase }) => event === "peer" && phase === "open");
  const progress = events.findLast(({ event }) => event === "progress");
  if (peer === undefined || progress === undefined) return undefined;
  const isComplete = progress.piecesVerified === progress.pieceCount;
  return {
    direction: peer.direction,
    isLocalConnection: peer.isLocalConnection,
    transport: peer.transport,
    encryption: peer.encryption,
    weChoke: peer.weChoke,
    weAreInterested: peer.weAreInterested,
    peerChokes: peer.peerChokes,
    peerIsInterested: peer.peerIsInterested,
    isSeed: peer.isSeed,
    isUploadOnly: peer.isUploadOnly,
    isSnubbed: peer.isSnubbed,
    isOnParole: peer.isOnParole,
    client: peer.client,
    pieces: peer.pieces,
    us: {
      client: "Peerscope",
      speaksExtensions: true,
      pieces: progress.piecesVerified,
      isSeed: isComplete,
      isUploadOnly: isComplete,
    },
  };
}

/** The same as libtorrent tells it: what it does is what the peer does to us. */
function mirrored({ client, pieces, isSeeding, peers }: LibtorrentReport): object | undefined {
  const [us] = peers;
  if (us === undefined) return undefined;
  return {
    direction: us.local ? "incoming" : "outgoing",
    isLocalConnection: !us.local,
    transport: us.utp ? "utp" : "tcp",
    encryption: us.rc4 ? "rc4" : us.plaintext ? "handshake" : "none",
    weChoke: us.remoteChoked,
    weAreInterested: us.remoteInterested,
    peerChokes: us.choked,
    peerIsInterested: us.interesting,
    isSeed: isSeeding,
    isUploadOnly: isSeeding,
    isSnubbed: us.snubbed,
    isOnParole: us.onParole,
    client,
    pieces,
    us: {
      client: us.client.replace(/[ /].*/, ""),
      speaksExtensions: us.supportsExtensions,
      pieces: [...us.pieces].reduce((sum, digit) => sum + ones(Number.parseInt(digit, 16)), 0),
      isSeed: us.seed,
      isUploadOnly: us.uploadOnly,
    },
  };
}

function ones(digit: number): number {
  return digit === 0 ? 0 : (digit & 1) + ones(digit >> 1);
}
