import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeEndpoint } from "../../../core/model/address.ts";
import { encodeBencode } from "../../../core/model/bencode.ts";
import { concatBytes } from "../../../core/model/bytes.ts";
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
  writeSettings(job, { "peer-port": port, "rpc-port": rpcPort });
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

function writeSettings(job: Job, own: object): void {
  mkdirSync(job.stateFolder, { recursive: true });
  writeFileSync(
    join(job.stateFolder, "settings.json"),
    JSON.stringify({
      "bind-address-ipv4": job.network?.host ?? "127.0.0.1",
      "bind-address-ipv6": "::1",
      "cache-size-mb": 4,
      "dht-enabled": false,
      "download-dir": job.folder,
      // At 0 it takes an encrypted handshake too, and goes on in plain when it may choose.
      encryption: job.encryption === "required" ? 2 : 0,
      "lpd-enabled": false,
      "pex-enabled": false,
      "port-forwarding-enabled": false,
      preallocation: 0,
      "rename-partial-files": false,
      "rpc-authentication-required": false,
      "rpc-bind-address": "127.0.0.1",
      "utp-enabled": job.transport !== undefined,
      "watch-dir-enabled": false,
      ...own,
    }),
  );
}

/** It knows as many nodes as it wants, and has told them what it has. */
interface InDht extends RunningClient {
  announced(): Promise<void>;
}

/**
 * Starts it in a network of its own, with the DHT on. Nobody outside can call it there; its files get their names when they
 * are complete.
 * @param nodes - Ports of nodes at the same address, which it asks from the start, one every two seconds: it announces only
 *   once it knows nine.
 */
export async function startTransmissionInDht(job: Job, nodes: readonly number[]): Promise<InDht> {
  const { network, stateFolder, folder, torrent } = job;
  if (network === undefined) throw new Error("its DHT passes over nodes on loopback");
  const [port, rpcPort] = await Promise.all([freePort(), freePort()]);
  writeSettings(job, { "dht-enabled": true, "peer-port": port, "rename-partial-files": true, "rpc-port": rpcPort });
  const known = nodes.map((node) => writeEndpoint({ host: network.host, port: node }));
  writeFileSync(
    join(stateFolder, "dht.dat"),
    encodeBencode({ id: Uint8Array.from(randomBytes(20)), nodes: concatBytes(...known) }),
  );
  const manner = ["--foreground", "--log-debug", "--config-dir", stateFolder];
  const program = new Program(...network.inside("transmission-daemon", manner));
  const adding = network.inside("transmission-remote", [`127.0.0.1:${rpcPort}`, "--add", torrent]);
  await until(() => {
    checkAlive(program);
    return spawnSync(...adding).status === 0;
  });
  const completed = (): Promise<void> =>
    until(() => {
      checkAlive(program);
      const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
      return names.length > 0 && !names.some((name) => name.endsWith(".part"));
    });
  const announced = (): Promise<void> =>
    until(() => {
      checkAlive(program);
      return program.tail.includes("DHT announce done");
    });
  return { endpoint: { host: network.host, port }, pid: program.pid, completed, announced, stop: () => program.stop() };
}

function checkAlive({ status, tail }: Program): void {
  if (status !== undefined) throw new Error(`transmission-daemon ended with status ${status}:\n${tail}`);
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
    checkAlive(this.#program);
    try {
      await fetch(this.#url);
      return true;
    } catch {
      return false;
    }
  }

  async call<T>(method: string, args: object = {}): Promise<T> {
    checkAlive(this.#program);
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
