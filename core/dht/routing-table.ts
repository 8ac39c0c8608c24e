import { partyOf } from "../model/address.ts";
import { bytesEqual } from "../model/bytes.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Contact } from "./message.ts";
import { ownedNetwork } from "./network.ts";
import { compareDistance, ID_BITS, mayHaveId, type NodeId, sharedBits } from "./node-id.ts";

/** BEP 5: how many nodes are closest, and how many a bucket holds. */
export const BUCKET_SIZE = 8;
/** The first buckets hold more, as libtorrent's do: a lookup then begins nearer, and they are half of all nodes each. */
const FIRST_BUCKETS: readonly number[] = [128, 64, 32, 16];
/** Nodes that answered and found no place, for when one becomes free. */
const MAX_SPARE = BUCKET_SIZE;
/** BEP 5: a node that was silent for as long is asked again. */
const FRESH: Millis = 15 * 60_000;
/** Unanswered questions in a row after which it goes, though there is nobody for its place: we may be the one cut off. */
const GONE = 5;

/** A node that has answered us. */
export interface TableNode extends Contact {
  /** Its id is one that its address may have (BEP 42). */
  readonly isProper: boolean;
  readonly party: string;
  readonly network: string | undefined;
  answeredAt: Timestamp;
  askedAt: Timestamp;
  /** Questions unanswered in a row. */
  failures: number;
}

interface Bucket {
  readonly nodes: TableNode[];
  readonly spare: TableNode[];
}

/**
 * The nodes that we know, of one family, many of those near us and few of those far.
 *
 * Invariants: every node in it answered us from its address; a bucket holds no more than its size; nobody has two
 * places, by address (a /64 of IPv6) or id, and no /24 (/48) two in one bucket.
 */
export class RoutingTable {
  readonly ownId: NodeId;
  /** By the number of leading bits shared with `ownId`; grown as needed. */
  readonly #buckets: Bucket[] = [];
  /** Of nodes and spares alike. */
  readonly #byEndpoint = new Map<string, TableNode>();
  readonly #byParty = new Map<string, TableNode>();

  constructor(ownId: NodeId) {
    this.ownId = ownId;
  }

  /** Nodes that have a place. */
  get size(): number {
    let size = 0;
    for (const { nodes } of this.#buckets) size += nodes.length;
    return size;
  }

  *nodes(): Iterable<TableNode> {
    for (const { nodes } of this.#buckets) yield* nodes;
  }

  /** What an interface shows: for each bucket, nearest last, its nodes. */
  get buckets(): readonly { readonly nodes: readonly TableNode[]; readonly spare: readonly TableNode[] }[] {
    return this.#buckets;
  }

  find(endpoint: Endpoint): TableNode | undefined {
    return this.#byEndpoint.get(formatEndpoint(endpoint));
  }

  /** A node with this id would find a place, now or as a spare: it is worth a question. */
  hasUseFor(id: NodeId): boolean {
    const at = sharedBits(this.ownId, id);
    const bucket = this.#buckets[at];
    if (bucket === undefined || bucket.nodes.length < sizeOf(at) || bucket.spare.length < MAX_SPARE) return true;
    return bucket.nodes.some((node) => node.failures > 0);
  }

  /** Nodes that answered what they were asked last. */
  get healthy(): number {
    let count = 0;
    for (const node of this.nodes()) if (node.failures === 0) count++;
    return count;
  }

  /** `contact` has answered a question of ours. */
  answered(contact: Contact, now: Timestamp): void {
    const known = this.find(contact);
    if (known !== undefined) {
      if (bytesEqual(known.id, contact.id)) {
        known.answeredAt = now;
        known.failures = 0;
        return;
      }
      // It changed its name: its old place is not where it belongs.
      this.#remove(known);
    }
    this.#insert(contact, now);
  }

  /** A question to this node was asked at `now`. */
  asked(endpoint: Endpoint, now: Timestamp): void {
    const node = this.find(endpoint);
    if (node !== undefined) node.askedAt = now;
  }

  /** A question to this node was not answered. */
  failed(endpoint: Endpoint): void {
    const node = this.find(endpoint);
    if (node === undefined) return;
    node.failures++;
    const bucket = this.#buckets[sharedBits(this.ownId, node.id)] as Bucket;
    const hasPlace = bucket.nodes.includes(node);
    if (!hasPlace || node.failures >= GONE) this.#remove(node);
    else if (bucket.spare.length > 0) this.#remove(node);
    this.#promote(bucket);
  }

  /**
   * The `most` nodes closest to `target` that answered what they were asked last, closest first. Of those that chose their id a
   * quarter at most, unless there are not enough others: else they could hide all who did not choose to be near.
   */
  closest(target: NodeId, most: number): TableNode[] {
    const proper = this.#nearest(target, most, true);
    const improper = this.#nearest(target, Math.max(most >> 2, most - proper.length), false);
    if (improper.length === 0) return proper;
    return [...proper, ...improper].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, most);
  }

  /** Of the nodes that have been silent for too long, and not asked since `askedBefore`, the one asked longest ago. */
  stalest(now: Timestamp, askedBefore: Timestamp): TableNode | undefined {
    let stalest: TableNode | undefined;
    for (const node of this.nodes()) {
      if (node.askedAt > askedBefore || (node.failures === 0 && node.answeredAt > now - FRESH)) continue;
      if (stalest === undefined || node.askedAt < stalest.askedAt) stalest = node;
    }
    return stalest;
  }

  #nearest(target: NodeId, most: number, isProper: boolean): TableNode[] {
    const at = sharedBits(this.ownId, target);
    const found: TableNode[] = [];
    const collect = (from: number, to: number) => {
      const first = found.length;
      for (let i = from; i < Math.min(to, this.#buckets.length) && first < most; i++) {
        for (const node of (this.#buckets[i] as Bucket).nodes) {
          if (node.isProper !== isProper || node.failures > 0) continue;
          let place = found.length;
          while (place > first && compareDistance(target, node.id, (found[place - 1] as TableNode).id) < 0) place--;
          if (place < most) found.splice(place, 0, node);
          if (found.length > most) found.pop();
        }
      }
    };
    // Who shares more bits with the target than the nodes of any other bucket; then all that share as many as we.
    collect(at, at + 1);
    collect(at + 1, this.#buckets.length);
    for (let i = Math.min(at, this.#buckets.length) - 1; i >= 0; i--) collect(i, i + 1);
    return found;
  }

  #insert(contact: Contact, now: Timestamp): void {
    const at = sharedBits(this.ownId, contact.id);
    if (at === ID_BITS) return;
    const party = partyOf(contact);
    const rival = this.#byParty.get(party);
    // An address has one place; whoever has it keeps it while it answers.
    if (rival !== undefined && rival.failures === 0) return;
    if (rival !== undefined) this.#remove(rival);
    while (this.#buckets.length <= at) this.#buckets.push({ nodes: [], spare: [] });
    const bucket = this.#buckets[at] as Bucket;
    const sameId = [...bucket.nodes, ...bucket.spare].find((node) => bytesEqual(node.id, contact.id));
    if (sameId !== undefined && sameId.failures === 0) return;
    if (sameId !== undefined) this.#remove(sameId);
    const node: TableNode = {
      id: contact.id,
      host: contact.host,
      port: contact.port,
      isProper: mayHaveId(contact.host, contact.id),
      party,
      network: ownedNetwork(contact.host),
      answeredAt: now,
      askedAt: now,
      failures: 0,
    };
    if (!this.#seat(bucket, sizeOf(at), node) && !keepSpare(bucket, node, (spare) => this.#forget(spare))) return;
    this.#byEndpoint.set(formatEndpoint(node), node);
    this.#byParty.set(party, node);
  }

  /** @returns False when there is no place for it. */
  #seat({ nodes, spare }: Bucket, size: number, node: TableNode): boolean {
    if (node.network !== undefined && nodes.some((other) => other.network === node.network)) return false;
    if (nodes.length < size) {
      nodes.push(node);
      return true;
    }
    const bad = nodes.findIndex((other) => other.failures > 0);
    // A node that chose its own id makes way for one that could not.
    const worse = bad >= 0 || !node.isProper ? bad : nodes.findIndex((other) => !other.isProper);
    if (worse < 0) return false;
    const [removed] = nodes.splice(worse, 1, node);
    if (removed === undefined) return false;
    if (removed.failures > 0 || spare.length >= MAX_SPARE) this.#forget(removed);
    else spare.push(removed);
    return true;
  }

  /** Spares take what places are free, those with proper ids first. */
  #promote(bucket: Bucket): void {
    const size = sizeOf(this.#buckets.indexOf(bucket));
    for (const wantsProper of [true, false]) {
      for (const node of bucket.spare.filter((spare) => spare.isProper === wantsProper)) {
        if (bucket.nodes.length >= size) return;
        if (!this.#seat(bucket, size, node)) continue;
        bucket.spare.splice(bucket.spare.indexOf(node), 1);
      }
    }
  }

  #remove(node: TableNode): void {
    const bucket = this.#buckets[sharedBits(this.ownId, node.id)] as Bucket;
    for (const list of [bucket.nodes, bucket.spare]) {
      const at = list.indexOf(node);
      if (at >= 0) list.splice(at, 1);
    }
    this.#forget(node);
  }

  #forget(node: TableNode): void {
    this.#byEndpoint.delete(formatEndpoint(node));
    if (this.#byParty.get(node.party) === node) this.#byParty.delete(node.party);
  }
}

function sizeOf(bucket: number): number {
  return FIRST_BUCKETS[bucket] ?? BUCKET_SIZE;
}

/** @param forget - Called for the one that makes room. @returns False when all spares are better. */
function keepSpare({ spare }: Bucket, node: TableNode, forget: (node: TableNode) => void): boolean {
  if (spare.length >= MAX_SPARE) {
    const worse = spare.findIndex((other) => other.failures > 0 || (node.isProper && !other.isProper));
    if (worse < 0) return false;
    for (const gone of spare.splice(worse, 1)) forget(gone);
  }
  spare.push(node);
  return true;
}
