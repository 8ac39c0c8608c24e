import type { Endpoint } from "../../model/endpoint.ts";
import { seededRandom } from "../../model/random.ts";
import { type Bytes, type BytesPerSecond, MIB, type Millis } from "../../model/units.ts";
import { castOf, DEFAULT_PEERS, type Role } from "./cast.ts";
import { DemoPeer, type Pace, type Stage } from "./demo-peer.ts";
import { type DemoTorrent, makeDemoTorrent } from "./demo-torrent.ts";
import { type DemoTracker, type SeenAnnounce, startDemoTracker } from "./demo-tracker.ts";

export interface DemoSwarmOptions {
  /** Scripted peers; 14 when absent. */
  readonly peers?: number | undefined;
  /** Of the torrent; 48 MiB when absent. */
  readonly size?: Bytes | undefined;
  /** As fast as it goes, for tests; else slow enough to watch. */
  readonly isHurried?: boolean;
  /** Hears every announce. */
  readonly onAnnounce?: (announce: SeenAnnounce) => void;
}

/** A swarm on loopback that waits for somebody to download. */
export interface DemoSwarm {
  /** The .torrent, naming the swarm's tracker. */
  readonly torrentBytes: Uint8Array;
  readonly name: string;
  readonly trackerUrl: string;
  readonly torrent: DemoTorrent;
  readonly tracker: DemoTracker;
  close(): Promise<void>;
}

const DEFAULT_DEMO_SIZE: Bytes = 48 * MIB;
/** About what a download shall take, whatever its size. */
const DURATION: Millis = 150_000;
/** Not all that the roles could send is asked of them at all times: some choke, some are away, some lack the piece. */
const SLACK = 1.5;
const TICK: Millis = 50;
const HURRIED_TICK: Millis = 5;
/** In a hurry the manners' clocks run so much faster. */
const HURRY = 10;

/** Starts the tracker and the scripted peers. @throws When no loopback port can be had. */
export async function startDemoSwarm(options: DemoSwarmOptions = {}): Promise<DemoSwarm> {
  const { size = DEFAULT_DEMO_SIZE, peers = DEFAULT_PEERS, isHurried = false } = options;
  let audience: Endpoint | undefined;
  const tracker = await startDemoTracker({
    onAnnounce: (announce) => {
      const { endpoint, event } = announce;
      options.onAnnounce?.(announce);
      // The scripted peers never announce: who does is the one who downloads.
      if (event === "stopped") audience = undefined;
      else if (endpoint.port !== 0) audience = endpoint;
    },
  });
  const torrent = await makeDemoTorrent(size, tracker.url);
  const stage: Stage = {
    torrent,
    tracker,
    random: seededRandom(0x5ee5),
    audience: () => audience,
    haste: isHurried ? HURRY : 1,
  };
  const roles = castOf(peers);
  const pace = paceOf(roles, torrent.layout.totalLength, isHurried);
  const scripted = roles.map((role, index) => new DemoPeer(role, stage, pace(role), `127.0.0.${index + 2}`));
  const begun = performance.now();
  let lastTick = begun;
  const timer = setInterval(
    () => {
      const now = performance.now();
      for (const peer of scripted) peer.tick(now, now - lastTick);
      lastTick = now;
    },
    isHurried ? HURRIED_TICK : TICK,
  );
  const close = async () => {
    clearInterval(timer);
    await Promise.all(scripted.map((peer) => peer.close()));
    await tracker.close();
  };
  try {
    await Promise.all(scripted.map((peer) => peer.begin(begun)));
  } catch (error) {
    await close();
    throw error;
  }
  return { torrentBytes: torrent.torrentBytes, name: torrent.name, trackerUrl: tracker.url, torrent, tracker, close };
}

/** Divides the swarm's speed among the roles by their weights. */
function paceOf(roles: readonly Role[], total: Bytes, isHurried: boolean): (role: Role) => Pace {
  if (isHurried) return () => ({ up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY });
  const all = roles.reduce((sum, { weight }) => sum + weight, 0);
  const unit: BytesPerSecond = (SLACK * total) / (DURATION / 1000) / all;
  return ({ weight, takes = 0 }) => ({ up: weight * unit, down: takes * unit });
}
