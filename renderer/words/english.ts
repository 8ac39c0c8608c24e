import { adding } from "./english/adding.ts";
import { charts } from "./english/charts.ts";
import { counts } from "./english/counts.ts";
import { details } from "./english/details.ts";
import { dht } from "./english/dht.ts";
import { explanation } from "./english/explanation.ts";
import { files } from "./english/files.ts";
import { frame } from "./english/frame.ts";
import { gone } from "./english/gone.ts";
import { log } from "./english/log.ts";
import { peer } from "./english/peer.ts";
import { peers } from "./english/peers.ts";
import { recording } from "./english/recording.ts";
import { settings } from "./english/settings.ts";
import { swarm } from "./english/swarm.ts";
import { table } from "./english/table.ts";
import { torrentSettings } from "./english/torrent-settings.ts";
import { torrents } from "./english/torrents.ts";
import { trackers } from "./english/trackers.ts";
import { values } from "./english/values.ts";

/** What an area is called here, it is called in every language; a phrase with numbers or names in it is a function. */
export const ENGLISH = {
  adding,
  charts,
  counts,
  details,
  dht,
  explanation,
  files,
  frame,
  gone,
  log,
  peer,
  recording,
  peers,
  settings,
  swarm,
  table,
  torrentSettings,
  torrents,
  trackers,
  values,
};

/** The shape that each language fills: what is missing in one does not compile. */
export type Words = typeof ENGLISH;
