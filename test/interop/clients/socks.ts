import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../setup/free-port.ts";
import { listens } from "../../setup/listens.ts";
import { Program } from "../../setup/program.ts";
import { until } from "../../setup/until.ts";

/** Another's SOCKS server on loopback. */
interface SocksServer {
  readonly port: number;
  stop(): Promise<void>;
}

async function running(program: Program, port: number): Promise<SocksServer> {
  await until(() => {
    if (program.status !== undefined) throw new Error(`${program.name} ended:\n${program.tail}`);
    return listens({ host: "127.0.0.1", port });
  });
  return { port, stop: () => program.stop() };
}

/** Dante, which passes on datagrams, too. */
export async function startDante(folder: string): Promise<SocksServer> {
  const port = await freePort();
  const file = join(folder, "danted.conf");
  const rule = "{ from: 0.0.0.0/0 to: 0.0.0.0/0 }";
  writeFileSync(
    file,
    [
      `logoutput: ${join(folder, "danted.log")}`,
      `internal: 127.0.0.1 port = ${port}`,
      "external: 127.0.0.1",
      "clientmethod: none",
      "socksmethod: none",
      `client pass ${rule}`,
      `socks pass ${rule}`,
    ].join("\n"),
  );
  return running(new Program("danted", ["-f", file, "-p", join(folder, "danted.pid")]), port);
}

/** microsocks, which connects alone. */
export async function startMicrosocks(): Promise<SocksServer> {
  const port = await freePort();
  return running(new Program("microsocks", ["-i", "127.0.0.1", "-p", String(port)]), port);
}
