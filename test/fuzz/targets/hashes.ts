import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { layeredFiles } from "../../../core/metainfo/piece-layers.ts";
import { bytesEqual, concatBytes, toHex } from "../../../core/model/bytes.ts";
import { absentNode, climb, NODE_LENGTH, nodeOver, treeHeight } from "../../../core/model/merkle.ts";
import { type Random, randomBelow } from "../../../core/model/random.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { HashService } from "../../../core/swarm/hash-service.ts";
import { LayerFetch } from "../../../core/swarm/layer-fetch.ts";
import {
  decodeHashes,
  decodeHashRequest,
  encodeHashes,
  encodeHashRequest,
  type HashRequest,
} from "../../../core/wire/hash-message.ts";
import { HASH_REQUEST_LENGTH } from "../../../core/wire/message-id.ts";
import { v2Torrent } from "../../setup/v2-torrent.ts";
import { parsed } from "../../unit/metainfo/torrents.ts";
import { claim, type Outcome, pick, type Target } from "../target.ts";

const { sha256 } = nodeDigest;
const HEAD = HASH_REQUEST_LENGTH - 1;
const torrent: Metainfo = parsed(
  v2Torrent("hashes", 16384, [
    { path: "long", bytes: new Uint8Array(37 * 16384).map((_, at) => at >> 7) },
    { path: "short", bytes: new Uint8Array(3 * 16384) },
  ]),
);
const files = layeredFiles(torrent.files, torrent.pieceLength);
const service = new HashService(torrent, sha256);
const asked = new LayerFetch(files, sha256).ask(1, 0);

function request(random: Random): HashRequest {
  const small = () => pick(random, [0, 0, 1, 2, 4, 5, 6, 8, 16, 64, 0xffff_ffff]);
  if (randomBelow(random, 3) > 0) return pick(random, asked);
  const length = 2 ** randomBelow(random, 8);
  const { root } = pick(random, files);
  return { root, base: 0, index: length * randomBelow(random, 8), length, proofLayers: small() };
}

/** What is given of a tree leads to its root, and what is believed is what there is. */
export const hashMessages: Target = {
  name: "hash-messages",
  share: 20,
  meets: ["given", "refused", "fault", "complete", "lie", "unasked"],
  make(random) {
    const wanted = request(random);
    const given = service.answer(wanted);
    if (given === undefined || randomBelow(random, 4) === 0) return encodeHashRequest(wanted);
    return concatBytes(...encodeHashes(given));
  },
  judge(input) {
    if (input.length < HEAD) return "short";
    const outcomes = [judgeRequest(decodeHashRequest(input))];
    const whole = input.length - ((input.length - HEAD) % NODE_LENGTH);
    outcomes.push(judgeHashes(input.subarray(0, whole)));
    return outcomes;
  },
};

function judgeRequest(wanted: HashRequest): string {
  const given = service.answer(wanted);
  if (given === undefined) return "refused";
  const { index, length, nodes, uncles } = given;
  claim(nodes.length === length * NODE_LENGTH, () => `${nodes.length} bytes of nodes for ${length}`);
  const over = nodeOver(nodes, treeHeight(length), absentNode(0, sha256), sha256);
  const top = climb(over, index / length, uncles, sha256);
  const height = treeHeight(length) + uncles.length / NODE_LENGTH;
  const whole = files.find(({ root }) => bytesEqual(root, wanted.root));
  const isRoot = height === treeHeight((whole?.length ?? 0) / 16384);
  claim(!isRoot || bytesEqual(top, wanted.root), () => `what was given leads to ${toHex(top)}`);
  return "given";
}

function judgeHashes(message: Uint8Array): Outcome & string {
  const hashes = decodeHashes(message);
  if ("detail" in hashes) {
    claim(hashes.detail.length > 0, "a fault without a word");
    return "fault";
  }
  const [file] = files.filter(({ root }) => bytesEqual(root, hashes.root));
  const fetch = new LayerFetch(file === undefined ? files : [file], sha256);
  fetch.ask(1, 0);
  const outcome = fetch.received(1, hashes);
  if (outcome.kind === "complete") {
    for (const [root, layer] of outcome.layers) {
      claim(bytesEqual(layer, torrent.pieceLayers?.get(root) ?? new Uint8Array(0)), () => `another layer for ${root}`);
    }
  }
  return outcome.kind;
}
