import { describe, expect, test } from "vitest";
import type { Metainfo } from "../../../core/metainfo/metainfo.ts";
import { parseTorrent } from "../../../core/metainfo/parse.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { readUint32 } from "../../../core/model/bytes.ts";
import type { Closing } from "../../../core/model/close-reason.ts";
import { BLOCK_LENGTH } from "../../../core/model/units.ts";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { type RangeEvents, WebSeedLink } from "../../../core/swarm/web-seed-link.ts";
import { type RangeOrder, WebSeedUrls } from "../../../core/swarm/web-seed-urls.ts";
import { MESSAGE } from "../../../core/wire/message-id.ts";
import { MessageWriter } from "../../../core/wire/writer.ts";

const PIECE = 4 * BLOCK_LENGTH;
const FILES = [
  { path: ["a"], length: BLOCK_LENGTH + 100 },
  { path: [".pad"], length: BLOCK_LENGTH - 100, attr: "p" },
  { path: ["b"], length: 6 * BLOCK_LENGTH },
];

function folder(): Metainfo {
  const info = { name: "folder", files: FILES, "piece length": PIECE, pieces: new Uint8Array(40) };
  const parsed = parseTorrent(encodeBencode({ info }), nodeDigest);
  if (!parsed.ok) throw new Error(parsed.fault.words);
  return parsed.torrent;
}

interface Request extends RangeEvents {
  readonly order: RangeOrder;
  isAborted: boolean;
}

/** A link whose requests the test answers. */
class Scene {
  readonly requests: Request[] = [];
  readonly blocks: { readonly piece: number; readonly block: number; readonly bytes: Uint8Array }[] = [];
  closing: Closing | undefined;
  isClosed = false;
  readonly link: WebSeedLink;
  readonly #writer = new MessageWriter();

  constructor(kind: "files" | "pieces" = "files") {
    const metainfo = folder();
    const urls = new WebSeedUrls(metainfo, new Uint8Array(20), { url: "http://w.test/", kind });
    const source = {
      fetch: (order: RangeOrder, events: RangeEvents) => {
        const request = { ...events, order, isAborted: false };
        this.requests.push(request);
        return () => {
          request.isAborted = true;
        };
      },
      close: () => {
        this.isClosed = true;
      },
    };
    this.link = new WebSeedLink(urls, metainfo.layout, kind === "pieces", source, {
      received: (message) => {
        expect(readUint32(message, 0)).toBe(message.length - 4);
        expect(message[4]).toBe(MESSAGE.piece);
        const block = readUint32(message, 9) / BLOCK_LENGTH;
        this.blocks.push({ piece: readUint32(message, 5), block, bytes: message.slice(13) });
      },
      ended: (closing) => {
        this.closing = closing;
      },
    });
  }

  ask(...blocks: readonly (readonly [piece: number, block: number])[]): void {
    this.#say(MESSAGE.request, blocks);
  }

  cancel(...blocks: readonly (readonly [piece: number, block: number])[]): void {
    this.#say(MESSAGE.cancel, blocks);
  }

  /** Answers the request in whole. */
  answer(index: number, value = 7): void {
    const { order, received, ended } = this.requests[index] as Request;
    received(new Uint8Array(order.length).fill(value));
    ended(undefined);
  }

  get given(): string[] {
    return this.blocks.map(({ piece, block }) => `${piece}/${block}`);
  }

  #say(id: number, blocks: readonly (readonly [number, number])[]): void {
    for (const [piece, block] of blocks) this.#writer.block(id, piece, block * BLOCK_LENGTH, BLOCK_LENGTH);
    this.link.send(this.#writer.take());
  }
}

describe("what is asked of a web seed", () => {
  test("goes out as one request where it lies together, also over two pieces", () => {
    const scene = new Scene();
    scene.ask([0, 2], [0, 3], [1, 0], [1, 1]);
    expect(scene.requests.map(({ order }) => order)).toEqual([
      { url: "http://w.test/folder/b", range: { offset: 0, total: 6 * BLOCK_LENGTH }, length: 4 * BLOCK_LENGTH },
    ]);
    scene.answer(0);
    expect(scene.given).toEqual(["0/2", "0/3", "1/0", "1/1"]);
  });

  test("goes out one by one until the server has served, then two at a time", () => {
    const scene = new Scene();
    scene.ask([0, 2], [1, 0], [1, 2], [0, 3]);
    expect(scene.requests).toHaveLength(1);
    scene.answer(0);
    expect(scene.requests).toHaveLength(3);
    scene.answer(2);
    expect(scene.requests).toHaveLength(4);
  });

  test("goes over files, and padding is zeros that nobody is asked for", () => {
    const scene = new Scene();
    scene.ask([0, 0], [0, 1], [0, 2]);
    scene.answer(0);
    expect(scene.given).toEqual(["0/0", "0/1"]);
    const [, second] = scene.blocks;
    expect([...(second?.bytes ?? [])].map((byte, at) => byte === (at < 100 ? 7 : 0))).not.toContain(false);
    scene.answer(1);
    expect(scene.given).toEqual(["0/0", "0/1", "0/2"]);
    expect(scene.requests.map(({ order }) => order.url)).toEqual(["http://w.test/folder/a", "http://w.test/folder/b"]);
  });

  test("stays within one piece with BEP 17", () => {
    const scene = new Scene("pieces");
    scene.ask([0, 2], [0, 3], [1, 0]);
    scene.answer(0);
    scene.answer(1);
    expect(scene.requests.map(({ order }) => order.length)).toEqual([2 * BLOCK_LENGTH, BLOCK_LENGTH]);
  });
});

describe("what comes of two requests at once", () => {
  test("goes up block by block, each whole", () => {
    const scene = new Scene();
    scene.ask([0, 2]);
    scene.answer(0);
    scene.ask([0, 3], [1, 1]);
    const [, first, second] = scene.requests as [Request, Request, Request];
    first.received(new Uint8Array(10_000).fill(1));
    second.received(new Uint8Array(10_000).fill(2));
    expect(scene.given).toEqual(["0/2"]);
    second.received(new Uint8Array(6384).fill(2));
    first.received(new Uint8Array(6384).fill(1));
    expect(scene.given).toEqual(["0/2", "1/1", "0/3"]);
    expect(scene.blocks.slice(1).map(({ bytes }) => new Set(bytes))).toEqual([new Set([2]), new Set([1])]);
  });
});

describe("what is taken back", () => {
  test("is not asked for when it still waits", () => {
    const scene = new Scene();
    scene.ask([0, 2], [1, 1]);
    scene.cancel([1, 1]);
    scene.answer(0);
    expect(scene.requests).toHaveLength(1);
  });

  test("does not go up when others of its request do", () => {
    const scene = new Scene();
    scene.ask([0, 2], [0, 3]);
    scene.cancel([0, 2]);
    expect(scene.requests[0]?.isAborted).toBe(false);
    scene.answer(0);
    expect(scene.given).toEqual(["0/3"]);
  });

  test("ends its request when it was all of it, and the next goes out", () => {
    const scene = new Scene();
    scene.ask([0, 2], [1, 1]);
    scene.cancel([0, 2]);
    expect(scene.requests.map(({ isAborted }) => isAborted)).toEqual([true, false]);
    expect(scene.requests[1]?.order.range?.offset).toBe(3 * BLOCK_LENGTH);
  });
});

describe("the end", () => {
  test("of a request that failed is that of the link, with what the server said", () => {
    const scene = new Scene();
    scene.ask([0, 2], [1, 1]);
    scene.requests[0]?.ended({ words: "HTTP status 503", by: "peer", retryAfter: 5000 });
    expect(scene.closing).toEqual({
      reason: "web-seed-failed",
      by: "peer",
      detail: "HTTP status 503",
      retryAfter: 5000,
    });
    expect(scene.isClosed).toBe(true);
    scene.requests[0]?.received(new Uint8Array(BLOCK_LENGTH));
    expect(scene.given).toEqual([]);
  });

  test("by us ends what is under way", () => {
    const scene = new Scene();
    scene.ask([0, 2], [1, 1]);
    scene.link.close();
    expect(scene.requests.map(({ isAborted }) => isAborted)).toEqual([true]);
    expect(scene.closing).toBeUndefined();
  });
});
