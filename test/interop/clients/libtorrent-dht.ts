import { join } from "node:path";
import { Program } from "../../setup/program.ts";
import { findLibtorrentPython } from "../../setup/requirements.ts";

const script = join("test", "interop", "clients", "libtorrent-dht.py");

/** A DHT of libtorrent's nodes on loopback; its last node can take torrents. */
export class LibtorrentDht {
  /** The nodes' ports on 127.0.0.1; the last is that of the one with the torrents. */
  readonly ports: readonly number[];
  readonly #program: Program;

  private constructor(program: Program, ports: readonly number[]) {
    this.#program = program;
    this.ports = ports;
  }

  static async start(nodes: number): Promise<LibtorrentDht> {
    const python = findLibtorrentPython();
    if (python === undefined) throw new Error("no Python with libtorrent");
    const program = new Program(python, [script, String(nodes)]);
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
