import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FromEngine, ToEngine } from "../../../core/contract/messages.ts";
import type { EngineAccess } from "../../../core/host/web/engine-socket.ts";
import { startWebHost, type WebHost } from "../../../core/host/web-host.ts";

/** An engine of three lines: keeps what it is told, and says what a test has it say. */
export class FakeEngine implements EngineAccess {
  readonly received: ToEngine[] = [];
  readonly deliveries: ((message: FromEngine) => void)[] = [];
  closedPorts = 0;

  connect(deliver: (message: FromEngine) => void) {
    this.deliveries.push(deliver);
    deliver({ kind: "update", at: 1 });
    return {
      send: (message: ToEngine) => {
        this.received.push(message);
      },
      close: () => {
        this.closedPorts++;
      },
    };
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HostFixture {
  readonly engine: FakeEngine;
  readonly host: WebHost;
  readonly port: number;
  readonly token: string;
  /** Sends exactly this; `Host` may be overridden. */
  ask(path: string, headers?: OutgoingHttpHeaders, method?: string): Promise<Answer>;
  /** Enters with the token. */
  cookie(): Promise<string>;
  close(): Promise<void>;
}

/** A web host over a small built interface, with things beside and inside it that must never be served. */
export async function startFixture(wantedPort = 0): Promise<HostFixture> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-web-host-"));
  const renderer = join(folder, "renderer");
  mkdirSync(join(renderer, "assets"), { recursive: true });
  mkdirSync(join(renderer, "empty"));
  writeFileSync(join(renderer, "index.html"), "<!doctype html><title>Peerscope</title>");
  writeFileSync(join(renderer, "assets", "index-3f2a9c1d.js"), "export {};");
  writeFileSync(join(renderer, "assets", "inter-0a1b2c3d.woff2"), "font");
  writeFileSync(join(renderer, "assets", "plain.css"), "body{}");
  writeFileSync(join(renderer, "notes.txt"), "not a kind that a build makes");
  writeFileSync(join(folder, "secret.html"), "outside");
  symlinkSync(join(folder, "secret.html"), join(renderer, "linked.html"));

  const engine = new FakeEngine();
  const host = await startWebHost({ engine, port: wantedPort, rendererFolder: pathToFileURL(`${renderer}/`) }).catch(
    (error: unknown) => {
      rmSync(folder, { recursive: true });
      throw error;
    },
  );
  const address = new URL(host.address);
  const port = Number(address.port);
  const token = address.searchParams.get("token") ?? "";

  const ask = (path: string, headers: OutgoingHttpHeaders = {}, method = "GET") =>
    new Promise<Answer>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString(),
          }),
        );
      });
      asked.on("error", reject);
      asked.end();
    });
  return {
    engine,
    host,
    port,
    token,
    ask,
    async cookie() {
      const entered = await ask(`/?token=${token}`);
      return entered.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    },
    async close() {
      await host.close();
      rmSync(folder, { recursive: true });
    },
  };
}
