import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseTorrent } from "../../core/metainfo/parse.ts";
import { IpFilterReader } from "../../core/model/ip-filter-list.ts";
import { seededRandom } from "../../core/model/random.ts";
import { KIB, MIB } from "../../core/model/units.ts";
import { Rc4 } from "../../core/mse/rc4.ts";
import { nodeDigest } from "../../core/runtime/digest.ts";
import { openStateStore } from "../../core/runtime/persist/state-store.ts";
import { UtpMultiplexer } from "../../core/utp/multiplexer.ts";
import { HEADER_LENGTH, PACKET, writeHeader } from "../../core/utp/packet.ts";
import { idOf, resumeOf } from "../integration/persist/state-fixture.ts";
import { pseudoRandomBytes } from "../setup/payload.ts";
import { singleFile } from "../unit/metainfo/torrents.ts";

/** What comes all at once: bytes to decrypt, a very large torrent, a thousand kept ones, strangers that knock. */

/** @returns MiB a second of processor time through RC4, in reads as a socket brings them. */
export function rc4Rate(): number {
  const TOTAL = 128 * MIB;
  const cipher = new Rc4(new Uint8Array(20));
  const read = new Uint8Array(64 * KIB);
  const before = process.cpuUsage();
  for (let done = 0; done < TOTAL; done += read.length) cipher.apply(read);
  const { user, system } = process.cpuUsage(before);
  return TOTAL / MIB / ((user + system) / 1e6);
}

const PIECES = 500_000;
const large = singleFile({ length: PIECES * 16 * KIB, pieces: Buffer.from(pseudoRandomBytes(20 * PIECES, 1)) });

/** @returns Milliseconds to read a torrent of 500,000 piece hashes. */
export function largeTorrent(): number {
  const started = performance.now();
  if (!parseTorrent(large, nodeDigest).ok) throw new Error("the large torrent is refused");
  return performance.now() - started;
}

/** @returns Milliseconds to load the state of 1,000 torrents. */
export async function keptTorrents(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-bench-state-"));
  try {
    const writing = await openStateStore(folder);
    await writing.load();
    for (let at = 0; at < 1000; at++) {
      await writing.saveTorrentFile(idOf(at), new Uint8Array(2000));
      await writing.saveResume(resumeOf(idOf(at)));
    }
    await writing.close();
    const started = performance.now();
    const reading = await openStateStore(folder);
    const { torrents } = await reading.load();
    const took = performance.now() - started;
    await reading.close();
    if (torrents.length !== 1000) throw new Error(`${torrents.length} torrents were loaded`);
    return took;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns MiB that are resident beyond what was, after 10,000 SYNs from as many addresses. */
export function knocks(): number {
  const multiplexer = new UtpMultiplexer({
    random: seededRandom(1),
    maxConnections: () => 1000,
    send: () => undefined,
    accept: () => {
      throw new Error("nobody has shown that its address is its own");
    },
    wanted: () => undefined,
  });
  const before = process.memoryUsage().rss;
  const syn = new Uint8Array(HEADER_LENGTH);
  for (let id = 0; id < 10_000; id++) {
    writeHeader(syn, PACKET.syn, id, 0, 0, MIB, 1, 0);
    multiplexer.receive(syn, `10.0.${id >>> 8}.${id & 255}`, 6881, id / 10);
    multiplexer.flush(id / 10);
  }
  return Math.max(0, process.memoryUsage().rss - before) / MIB;
}

/** @returns How long 500,000 ranges take to be read and merged, and what they hold then, in MiB. */
export function blockList(): { time: number; held: number } {
  const lines = Array.from({ length: 500_000 }, (_, i) => {
    const at = (i * 2_654_435_761) % 2 ** 32;
    const network = `${at >>> 24}.${(at >>> 16) & 255}.${(at >>> 8) & 255}`;
    return `Some organisation, no. ${i}:${network}.${at & 127}-${network}.${at & 255}`;
  });
  const list = Buffer.from(lines.join("\n"));
  const started = performance.now();
  const reader = new IpFilterReader();
  for (let at = 0; at < list.length; at += 64 * KIB) reader.write(list.subarray(at, at + 64 * KIB));
  const { filter, badLines } = reader.end();
  if (badLines > 0) throw new Error(`${badLines} lines were not understood`);
  return { time: performance.now() - started, held: (filter.ipv4.length + filter.ipv6.length) / MIB };
}
