import type { GonePeer } from "../../../core/model/peer-face.ts";
import type { Peer } from "../../../core/peer/peer.ts";
import type { Content } from "./content.ts";
import type { Machine } from "./world.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** It has every piece it wants. */
export const isComplete = (machine: Machine): boolean =>
  [...machine.session.torrents.values()].length > 0 && machine.torrent.swarm.isSeeding;

/** What is on its disk is the content. */
export const isRight = (machine: Machine, { bytes }: Content): boolean =>
  Buffer.compare(machine.storageOf(machine.torrent).bytes, bytes) === 0;

/** Pieces it calls verified that are wrong on its disk. */
export const liesOnDisk = (machine: Machine): number[] => {
  const wrong: number[] = [];
  const { torrent } = machine;
  torrent.swarm.ledger.verified.forEach((piece) => {
    if (!machine.storageOf(torrent).isRight(piece)) wrong.push(piece);
  });
  return wrong;
};

/** The connection of `machine` to `other`, as it sees it. */
export const peerAt = (machine: Machine, other: Machine): Peer | undefined =>
  [...machine.torrent.swarm.peers].find((peer) => peer.host === other.host);

/** How `machine` remembers its connections to `other` that ended. */
export const goneAt = (machine: Machine, other: Machine): GonePeer[] =>
  machine.torrent.gone.filter((gone) => gone.host === other.host);
