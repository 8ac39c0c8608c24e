import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../setup/free-port.ts";
import { Program } from "../../setup/program.ts";
import { until } from "../../setup/until.ts";
import type { Client, Job, RunningClient } from "./client.ts";

interface TorrentStatus {
  readonly percentDone: number;
  /** 0 stopped … 4 downloading, 6 seeding. */
  readonly status: number;
  readonly error: number;
  readonly errorString: string;
}

const SEEDING = 6;

async function start(job: Job): Promise<RunningClient> {
  const [port, rpcPort] = await Promise.all([freePort(), freePort()]);
  mkdirSync(job.stateFolder, { recursive: true });
  writeFileSync(
    join(job.stateFolder, "settings.json"),
    JSON.stringify({
      "bind-address-ipv4": "127.0.0.1",
      "bind-address-ipv6": "::1",
      "cache-size-mb": 4,
      "dht-enabled": false,
      "download-dir": job.folder,
      // At 0 it takes an encrypted handshake too, and goes on in plain when it may choose.
      encryption: job.encryption === "required" ? 2 : 0,
      "lpd-enabled": false,
      "peer-port": port,
      "pex-enabled": false,
      "port-forwarding-enabled": false,
      preallocation: 0,
      "rename-partial-files": false,
      "rpc-authentication-required": false,
      "rpc-bind-address": "127.0.0.1",
      "rpc-port": rpcPort,
      "utp-enabled": job.transport !== undefined,
      "watch-dir-enabled": false,
    }),
  );
  const program = new Program("transmission-daemon", ["--foreground", "--config-dir", job.stateFolder]);
  const rpc = new Rpc(rpcPort, program);
  await until(() => rpc.isUp());
  await rpc.call("torrent-add", {
    ...(job.torrent.startsWith("magnet:")
      ? { filename: job.torrent }
      : { metainfo: readFileSync(job.torrent).toString("base64") }),
    "download-dir": job.folder,
  });
  await rpc.call("torrent-start-now");
  const completed = async (): Promise<void> => {
    await until(async () => {
      const { torrents } = await rpc.call<{ torrents: TorrentStatus[] }>("torrent-get", {
        fields: ["percentDone", "status", "error", "errorString"],
      });
      const [torrent] = torrents;
      // 1 and 2 are a tracker's warnings and errors, with which the download goes on.
      if (torrent !== undefined && torrent.error > 2) throw new Error(`transmission: ${torrent.errorString}`);
      return torrent?.percentDone === 1 && torrent.status === SEEDING;
    });
  };
  return { endpoint: { host: "127.0.0.1", port }, pid: program.pid, completed, stop: () => program.stop() };
}

class Rpc {
  readonly #url: string;
  readonly #program: Program;
  #session = "";

  constructor(port: number, program: Program) {
    this.#url = `http://127.0.0.1:${port}/transmission/rpc`;
    this.#program = program;
  }

  async isUp(): Promise<boolean> {
    this.#checkAlive();
    try {
      await fetch(this.#url);
      return true;
    } catch {
      return false;
    }
  }

  async call<T>(method: string, args: object = {}): Promise<T> {
    this.#checkAlive();
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "X-Transmission-Session-Id": this.#session },
      body: JSON.stringify({ method, arguments: args }),
    });
    if (response.status === 409) {
      this.#session = response.headers.get("x-transmission-session-id") ?? "";
      return this.call(method, args);
    }
    const answer = (await response.json()) as { result: string; arguments: T };
    if (answer.result !== "success") throw new Error(`transmission ${method}: ${answer.result}`);
    return answer.arguments;
  }

  #checkAlive(): void {
    const { status, tail } = this.#program;
    if (status !== undefined) throw new Error(`transmission-daemon ended with status ${status}:\n${tail}`);
  }
}

/** Transmission neither dials loopback addresses nor takes peers by hand: it is dialled. */
export const transmission: Client = {
  name: "transmission",
  async seed(job) {
    const running = await start(job);
    await running.completed();
    return running;
  },
  leech: start,
};
