import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type BencodeInput, encodeBencode } from "../../model/bencode.ts";
import { PieceLayout } from "../../model/layout.ts";
import { BLOCK_LENGTH, type Bytes, KIB, MIB } from "../../model/units.ts";

/** The torrent of the demo: its bytes exist only as a rule, so nothing is written or kept to serve them. */
export interface DemoTorrent {
  readonly name: string;
  readonly torrentBytes: Uint8Array;
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  readonly layout: PieceLayout;
  readonly files: readonly { readonly path: readonly string[]; readonly length: Bytes }[];
}

const NAME = "Field Recordings of a Small Planet";
const COMMENT = "Generated for the Peerscope demo. The bytes are noise; the peers are real.";
/** 1 January 2025, so that the same size is always the same torrent. */
const CREATED = 1_735_689_600;
const BYTES_A_TURN = 16 * MIB;
const MIN_SIZE = 256 * KIB;
const MAX_DEMO_SIZE = 16 * 1024 * MIB;

/** Shares of the whole, in parts of a thousand. */
const FILES: readonly { readonly path: readonly string[]; readonly share: number }[] = [
  { path: ["01 Coast", "Gulls over shingle.flac"], share: 190 },
  { path: ["01 Coast", "Harbour bell at night.flac"], share: 145 },
  { path: ["02 Forest", "Rain on beech leaves.flac"], share: 230 },
  { path: ["02 Forest", "Woodpecker, two trees.flac"], share: 80 },
  { path: ["03 City", "First tram of the day.flac"], share: 165 },
  { path: ["03 City", "Market, closing.flac"], share: 120 },
  { path: ["Photographs", "Coast.jpg"], share: 24 },
  { path: ["Photographs", "Forest.jpg"], share: 21 },
  { path: ["Photographs", "City.jpg"], share: 22 },
  { path: ["Notes.txt"], share: 3 },
];

/**
 * Makes the torrent: the same `size` and `trackerUrl` always give the same bytes, and the same size the same info hash.
 *
 * @param size - At least 256 KiB are used, at most {@link MAX_DEMO_SIZE}.
 */
export async function makeDemoTorrent(size: Bytes, trackerUrl: string): Promise<DemoTorrent> {
  const total = Math.min(Math.max(Math.floor(size), MIN_SIZE), MAX_DEMO_SIZE);
  const layout = new PieceLayout(total, pieceLengthFor(total));
  const files = divide(total);
  const pieces = new Uint8Array(20 * layout.pieceCount);
  const piecesATurn = Math.ceil(BYTES_A_TURN / layout.pieceLength);
  for (let piece = 0; piece < layout.pieceCount; piece++) {
    // A large demo takes a while to hash; signals are heard meanwhile.
    if (piece % piecesATurn === 0) await setImmediate();
    const hash = createHash("sha1");
    for (let block = 0; block < layout.blocksIn(piece); block++) {
      hash.update(demoBytes(layout.pieceOffset(piece) + block * BLOCK_LENGTH, layout.blockLength(piece, block)));
    }
    pieces.set(hash.digest(), 20 * piece);
  }
  const info: BencodeInput = {
    files: files.map(({ length, path }) => ({ length, path })),
    name: NAME,
    "piece length": layout.pieceLength,
    pieces,
  };
  const torrentBytes = encodeBencode({
    announce: trackerUrl,
    comment: COMMENT,
    "created by": "Peerscope",
    "creation date": CREATED,
    info,
  });
  const infoHash = createHash("sha1").update(encodeBencode(info)).digest();
  return { name: NAME, torrentBytes, infoHash, layout, files };
}

/**
 * The demo's content: noise that follows from its position alone.
 *
 * @param offset - In the torrent, a multiple of 4.
 */
export function demoBytes(offset: Bytes, length: Bytes): Uint8Array {
  const words = new Uint32Array((length + 3) >>> 2);
  const first = offset / 4;
  for (let i = 0; i < words.length; i++) {
    // The finaliser of MurmurHash3 over the word's index: any word can be made without those before it.
    let word = (first + i) | 0;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    words[i] = word ^ (word >>> 16);
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** A few hundred pieces make the best picture. */
function pieceLengthFor(total: Bytes): Bytes {
  let length = 32 * KIB;
  while (total / length > 256 && length < 4 * MIB) length *= 2;
  return length;
}

function divide(total: Bytes): DemoTorrent["files"] {
  let rest = total;
  return FILES.map(({ path, share }, index) => {
    const length = index === FILES.length - 1 ? rest : Math.floor((total * share) / 1000);
    rest -= length;
    return { path, length };
  });
}
