import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "../../setup/free-port.ts";
import { listens } from "../../setup/listens.ts";
import { Program } from "../../setup/program.ts";
import { until } from "../../setup/until.ts";

/** A web server of its own over one folder. */
export interface Nginx {
  readonly origin: string;
  /** Status and bytes of each answer, as its log tells when it has ended. */
  answers(): readonly string[];
  stop(): Promise<void>;
}

/** @param more - Directives for what it serves. */
export async function startNginx(served: string, more = ""): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const log = join(folder, "answers.log");
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr; user ${userInfo().username};
    events { worker_connections 64; }
    http {
      log_format answer "$status $bytes_sent";
      access_log ${log} answer;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
      server { listen 127.0.0.1:${port}; root ${served}; ${more} }
    }`,
  );
  const program = new Program("nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"]);
  await until(async () => {
    if (program.status !== undefined) throw new Error(`nginx ended:\n${program.tail}`);
    return listens({ host: "127.0.0.1", port });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    answers: () => readFileSync(log, "utf8").trim().split("\n"),
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The torrent again, with a web seed (BEP 19): its info hash stays. */
export function withWebSeed(torrent: string, url: string): string {
  const text = readFileSync(torrent, "latin1").slice(0, -1);
  const path = torrent.replace(/\.torrent$/, ".seeded.torrent");
  writeFileSync(path, `${text}8:url-list${url.length}:${url}e`, "latin1");
  return path;
}
