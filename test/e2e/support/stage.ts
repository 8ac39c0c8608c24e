import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScriptedPeer } from "./scripted-peer.ts";
import { type MadeTorrent, makeTorrent } from "./swarm.ts";
import { startTracker, type Tracker } from "./tracker.ts";

const KIB = 1024;

/** The swarm that the suite watches: each peer is told to be something that must be seen of it. */
export interface Stage {
  readonly folder: string;
  readonly stateFolder: string;
  readonly downloads: string;
  readonly tracker: Tracker;
  /** Several files; its peers give nothing, so nothing moves until a seed comes. */
  readonly album: MadeTorrent;
  /** Has all of the album and never unchokes. */
  readonly miser: ScriptedPeer;
  /** Has the album's first third, and wants the rest. */
  readonly beggar: ScriptedPeer;
  /** Has every other piece of the album; will break the protocol. */
  readonly brute: ScriptedPeer;
  /** One file, of which half can be had. */
  readonly film: MadeTorrent;
  /** Has and gives the film's even pieces. */
  readonly donor: ScriptedPeer;
  close(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-e2e-"));
  const [stateFolder, downloads] = [join(folder, "state"), join(folder, "downloads")];
  for (const made of [stateFolder, downloads]) mkdirSync(made);
  const tracker = await startTracker();
  const album = makeTorrent(
    join(folder, "album"),
    {
      name: "Field Recordings",
      pieceLength: 64 * KIB,
      files: [
        { path: "01 Rain.flac", length: 1300 * KIB },
        { path: "02 Harbour.flac", length: 900 * KIB },
        { path: "notes/sleeve.txt", length: 3000 },
      ],
    },
    [tracker.url],
  );
  const filmTracker = await startTracker();
  const film = makeTorrent(
    join(folder, "film"),
    { name: "Tides.mkv", pieceLength: 32 * KIB, files: [{ length: 20 * 32 * KIB }] },
    [filmTracker.url],
  );
  const pieces = (torrent: MadeTorrent, has: (piece: number) => boolean) =>
    Array.from({ length: torrent.pieceCount }, (_, piece) => has(piece));
  const ofAlbum = { infoHash: album.infoHash };
  const miser = await ScriptedPeer.start({ ...ofAlbum, idPrefix: "-qB4670-", pieces: pieces(album, () => true) });
  const beggar = await ScriptedPeer.start({
    ...ofAlbum,
    idPrefix: "-TR4060-",
    pieces: pieces(album, (piece) => piece < album.pieceCount / 3),
    isInterested: true,
  });
  const brute = await ScriptedPeer.start({
    ...ofAlbum,
    idPrefix: "-DE2110-",
    pieces: pieces(album, (piece) => piece % 2 === 0),
  });
  const donor = await ScriptedPeer.start({
    infoHash: film.infoHash,
    idPrefix: "-LT20A0-",
    pieces: pieces(film, (piece) => piece % 2 === 0),
    serves: film,
  });
  tracker.peers = [miser.port, beggar.port, brute.port];
  filmTracker.peers = [donor.port];
  return {
    folder,
    stateFolder,
    downloads,
    tracker,
    album,
    miser,
    beggar,
    brute,
    film,
    donor,
    async close() {
      await Promise.all([miser, beggar, brute, donor, tracker, filmTracker].map((actor) => actor.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
