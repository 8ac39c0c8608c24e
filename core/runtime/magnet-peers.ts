import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Endpoint, normalHost } from "../model/endpoint.ts";
import type { Timestamp } from "../model/units.ts";
import type { Torrent } from "../session/torrent.ts";

/**
 * Tells a torrent of the peers that a magnet link names (`x.pe`), once their names are looked up.
 * @param looksUpNames - False: with a proxy no name is looked up here, and whoever has one is left out aloud.
 */
export async function findNamed(
  torrent: Torrent,
  peers: readonly Endpoint[],
  looksUpNames: boolean,
  now: () => Timestamp,
): Promise<void> {
  await Promise.all(
    peers.map(async ({ host, port }) => {
      const isName = isIP(host) === 0;
      try {
        if (isName && !looksUpNames) throw new Error("with a proxy no name is looked up here");
        const found = isName ? await lookup(host, { all: true }) : [{ address: host }];
        const endpoints = found.map(({ address }) => ({ host: normalHost(address), port }));
        torrent.found(endpoints, { kind: "magnet" }, now());
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        torrent.note("note", `The peer ${host}:${port} of the link: ${words}.`);
      }
    }),
  );
}
