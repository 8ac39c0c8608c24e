import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import type { Closing } from "../../../core/model/close-reason.ts";
import type { Millis } from "../../../core/model/units.ts";
import type { WebSeed } from "../../../core/swarm/web-seed.ts";
import { type RangeEvents, type RangeFault, type RangeSource, WebSeedLink } from "../../../core/swarm/web-seed-link.ts";
import { type RangeOrder, WebSeedUrls } from "../../../core/swarm/web-seed-urls.ts";
import type { VirtualClock } from "./clock.ts";
import type { Content } from "./content.ts";

const CHUNK = 10_000;

/** How a server behaves; a good one unless it says otherwise. */
export interface WebManner {
  readonly latency: Millis;
  /** Bytes a second, of each answer. */
  readonly rate: number;
  /** @returns What it says instead of giving what was asked for. */
  refuses?(order: RangeOrder): RangeFault | undefined;
  /** It says nothing at all. */
  isSilent?(): boolean;
  /** @returns The bytes that it gives for these. */
  gives?(bytes: Uint8Array, order: RangeOrder): Uint8Array;
}

/** What one server was asked for. */
export interface WebServer {
  readonly orders: { readonly at: number; readonly order: RangeOrder }[];
  /** Answers under way, and the most there were at once. */
  busy: number;
  busiest: number;
}

/** HTTP servers with the files of torrents, in virtual time. */
export class SimWeb {
  readonly #clock: VirtualClock;
  readonly #servers = new Map<string, WebServer & { readonly content: Content; readonly manner: WebManner }>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** A web seed of `content` at this address. */
  serve(url: string, content: Content, manner: Partial<WebManner> = {}): WebServer {
    const server = { content, manner: { latency: 30, rate: 1_000_000, ...manner }, orders: [], busy: 0, busiest: 0 };
    this.#servers.set(url, server);
    return server;
  }

  dial(
    seed: WebSeed,
    metainfo: Metainfo,
    events: { received(chunk: Uint8Array): void; ended(closing: Closing): void },
  ): () => void {
    const urls = new WebSeedUrls(metainfo, seed.residence?.infoHash as Uint8Array, seed.address);
    const source = this.#sourceAt(seed.address.url);
    const link = new WebSeedLink(urls, metainfo.layout, seed.address.kind === "pieces", source, events);
    return this.#clock.after(0, () => seed.connected(link, this.#clock.now));
  }

  #sourceAt(url: string): RangeSource {
    return {
      fetch: (order, events) => this.#answer(url, order, events),
      close: () => {},
    };
  }

  #answer(url: string, order: RangeOrder, events: RangeEvents): () => void {
    const server = this.#servers.get(url);
    let isOver = false;
    const later = (wait: Millis, act: () => void) =>
      this.#clock.after(wait, () => {
        if (!isOver) act();
      });
    const finish = () => {
      if (!isOver && server !== undefined) server.busy--;
      isOver = true;
    };
    const end = (fault: RangeFault | undefined) => {
      finish();
      events.ended(fault);
    };
    if (server === undefined) {
      later(1, () => end({ words: "its name is not known", by: "network" }));
      return finish;
    }
    const { manner, content } = server;
    server.orders.push({ at: this.#clock.now, order });
    server.busiest = Math.max(server.busiest, ++server.busy);
    if (manner.isSilent?.() === true) return finish;
    const give = (bytes: Uint8Array, at: number): void => {
      const chunk = bytes.subarray(at, at + CHUNK);
      later((1000 * chunk.length) / manner.rate, () => {
        events.received(chunk);
        if (isOver) return;
        if (at + CHUNK >= bytes.length) end(undefined);
        else give(bytes, at + CHUNK);
      });
    };
    later(manner.latency, () => {
      const fault = manner.refuses?.(order);
      if (fault !== undefined) return end(fault);
      const bytes = bytesAt(content, url, order);
      give(manner.gives?.(bytes, order) ?? bytes, 0);
    });
    return finish;
  }
}

/** What is at the order's address: a file of the torrent, or the part of a piece that it names. */
function bytesAt({ metainfo, bytes }: Content, url: string, order: RangeOrder): Uint8Array {
  const { fileLayout, files, isMultiFile, layout } = metainfo;
  if (order.range === undefined) {
    const [, piece, first] = /&piece=(\d+)&ranges=(\d+)-\d+$/.exec(order.url) ?? [];
    const at = layout.pieceOffset(Number(piece)) + Number(first);
    return bytes.slice(at, at + order.length);
  }
  const path = isMultiFile ? decodeURIComponent(order.url.slice(url.length)) : metainfo.name;
  const index = files.findIndex((file) => file.path.join("/") === path);
  if (index < 0) throw new Error(`nothing at ${order.url}`);
  const at = (fileLayout.starts[index] as number) + order.range.offset;
  return bytes.slice(at, at + order.length);
}
