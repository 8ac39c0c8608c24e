import type { FilePriority } from "../contract/views.ts";
import type { Metainfo } from "../metainfo/metainfo.ts";
import { PieceOrder } from "../swarm/piece-order.ts";
import type { SwarmLimits } from "../swarm/ports.ts";

/** As they are kept; what is absent or 0 is as the session has it. */
export interface KeptWishes {
  readonly isSequential?: boolean;
  readonly maxConnections?: number;
  readonly unchokeSlots?: number;
  /** Files by their index in the torrent; those that are missing here are of normal priority. */
  readonly priorities?: readonly (readonly [file: number, priority: Exclude<FilePriority, "normal">])[];
}

/** The most urgent first. */
const PRIORITIES: readonly FilePriority[] = ["high", "normal", "low"];

/** What the user wants of one torrent beside its limits: what comes first, in which order, and with how many peers. */
export class Wishes {
  isSequential: boolean;
  /** 0: as the session has it. */
  maxConnections: number;
  unchokeSlots: number;
  readonly #priorities: Map<number, Exclude<FilePriority, "normal">>;

  constructor({ isSequential = false, maxConnections = 0, unchokeSlots = 0, priorities = [] }: KeptWishes) {
    this.isSequential = isSequential;
    this.maxConnections = maxConnections;
    this.unchokeSlots = unchokeSlots;
    this.#priorities = new Map(priorities);
  }

  get kept(): Required<KeptWishes> {
    const { isSequential, maxConnections, unchokeSlots } = this;
    return { isSequential, maxConnections, unchokeSlots, priorities: [...this.#priorities] };
  }

  priorityOf(file: number): FilePriority {
    return this.#priorities.get(file) ?? "normal";
  }

  prioritise(files: readonly number[], priority: FilePriority): void {
    for (const file of files) {
      if (priority === "normal") this.#priorities.delete(file);
      else this.#priorities.set(file, priority);
    }
  }

  /** The session's limits, but for what the torrent has of its own. */
  within(limits: SwarmLimits): SwarmLimits {
    return {
      ...limits,
      maxPeers: () => this.maxConnections || limits.maxPeers(),
      unchokeSlots: () => this.unchokeSlots || limits.unchokeSlots(),
    };
  }

  /**
   * The order of a torrent's pieces. One by one, the first and the last piece of each file come before the others: players
   * and archives look there first.
   * @returns Undefined: the rarest first, whatever they are of.
   */
  orderOf({ files, fileLayout, pieceLength, pieceCount }: Metainfo): PieceOrder | undefined {
    if (!this.isSequential && this.#priorities.size === 0) return undefined;
    // A piece of several files has the highest priority of them.
    const rank = new Uint8Array(pieceCount).fill(PRIORITIES.length);
    const isEdge = new Uint8Array(pieceCount);
    files.forEach((file, index) => {
      const span = file.isPadding ? undefined : fileLayout.piecesOf(index, pieceLength);
      if (span === undefined) return;
      const own = PRIORITIES.indexOf(this.priorityOf(index));
      for (let piece = span.first; piece <= span.last; piece++) rank[piece] = Math.min(rank[piece] as number, own);
      isEdge[span.first] = 1;
      isEdge[span.last] = 1;
    });
    const groups: number[][] = Array.from({ length: 2 * PRIORITIES.length + 1 }, () => []);
    for (let piece = 0; piece < pieceCount; piece++) {
      const isLater = this.isSequential && isEdge[piece] === 0 ? 1 : 0;
      groups[2 * (rank[piece] as number) + isLater]?.push(piece);
    }
    const filled = groups.filter((pieces) => pieces.length > 0).map((pieces) => Uint32Array.from(pieces));
    return new PieceOrder(filled, pieceCount, this.isSequential);
  }
}
