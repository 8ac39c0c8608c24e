import type { IncomingMessage, ServerResponse } from "node:http";
import { type Content, makeContent } from "../../sim/support/content.ts";
import { type HttpFixture, startHttpFixture } from "../trackers/http-fixture.ts";

/** Bytes `first` … `last` of the torrent's one file are asked for. */
export type Answer = (response: ServerResponse, first: number, last: number, request: IncomingMessage) => void;

let lastContent = 5000;

/** An HTTP server with the one file of a torrent that names it, and with the manners that a test gives it. */
export class SeedServer {
  readonly #fixture: HttpFixture;
  readonly content: Content;
  answer: Answer = (response, first, last) => this.give(response, first, last);

  private constructor(fixture: HttpFixture, content: Content) {
    this.#fixture = fixture;
    this.content = content;
  }

  /** @param path - Of the web seed's address; a query is its own matter. */
  static async open(path = "/file", more: readonly string[] = []): Promise<SeedServer> {
    const fixture = await startHttpFixture((request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      server.answer(response, Number(first), Number(last), request);
    });
    const webSeeds = [`${fixture.origin}${path}`, ...more];
    const server = new SeedServer(fixture, makeContent([16 * 65_536 - 100], 65_536, { seed: ++lastContent, webSeeds }));
    return server;
  }

  get origin(): string {
    return this.#fixture.origin;
  }

  get port(): number {
    return this.#fixture.port;
  }

  get requests(): readonly string[] {
    return this.#fixture.requests;
  }

  get size(): number {
    return this.content.bytes.length;
  }

  close(): Promise<void> {
    return this.#fixture.close();
  }

  /** The right answer, but for what is given. */
  give(
    response: ServerResponse,
    first: number,
    last: number,
    but: { readonly range?: string; readonly body?: Uint8Array; readonly headers?: Record<string, string> } = {},
  ): void {
    const body = but.body ?? this.content.bytes.subarray(first, last + 1);
    response.writeHead(206, {
      "content-range": but.range ?? `bytes ${first}-${last}/${this.size}`,
      "content-length": String(body.length),
      ...but.headers,
    });
    response.end(body);
  }

  /** The whole file, as servers do that know no ranges. */
  giveAll(response: ServerResponse): void {
    response.writeHead(200, { "content-length": String(this.size) });
    response.end(this.content.bytes);
  }
}
