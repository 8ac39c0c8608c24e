import { join } from "node:path";
import { Program } from "../../setup/program.ts";
import { findLibtorrentPython } from "../../setup/requirements.ts";
import type { Job } from "./client.ts";

const script = join("test", "interop", "clients", "libtorrent-dht.py");

/** A DHT of libtorrent's nodes at one address; its last node can take torrents. */
export class LibtorrentDht {
  /** The nodes' ports; the last is that of the one with the torrents. */
  readonly ports: readonly number[];
  readonly #program: Program;

  private constructor(program: Program, ports: readonly number[]) {
    this.#program = program;
    this.ports = ports;
  }

  /** @param network - Where they live; on loopback when absent. */
  static async start(nodes: number, network?: Job["network"]): Promise<LibtorrentDht> {
    const python = findLibtorrentPython();
    if (python === undefined) throw new Error("no Python with libtorrent");
    const command = [python, [script, String(nodes), network?.host ?? "127.0.0.1"]] as const;
    const program = new Program(...(network?.inside(...command) ?? command));
    const ports = await program.line((line) => {
      const event: { event: string; ports: number[] } = JSON.parse(line);
      return event.event === "nodes" ? event.ports : undefined;
    });
    return new LibtorrentDht(program, ports);
  }

  /**
   * @param torrent - A path or a magnet link.
   * @param trusted - The data is complete: it is not checked.
   * @returns Resolves when it has everything.
   */
  take(torrent: string, folder: string, trusted: boolean): Promise<true> {
    const seeding = this.#program.line((line) => (JSON.parse(line).event === "seeding" ? true : undefined));
    this.#program.write(JSON.stringify({ torrent, folder, trusted }));
    return seeding;
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}
