import type { Words } from "./english.ts";
import { adding } from "./german/adding.ts";
import { charts } from "./german/charts.ts";
import { counts } from "./german/counts.ts";
import { details } from "./german/details.ts";
import { dht } from "./german/dht.ts";
import { explanation } from "./german/explanation.ts";
import { files } from "./german/files.ts";
import { frame } from "./german/frame.ts";
import { gone } from "./german/gone.ts";
import { log } from "./german/log.ts";
import { peer } from "./german/peer.ts";
import { peers } from "./german/peers.ts";
import { recording } from "./german/recording.ts";
import { settings } from "./german/settings.ts";
import { swarm } from "./german/swarm.ts";
import { table } from "./german/table.ts";
import { torrentSettings } from "./german/torrent-settings.ts";
import { torrents } from "./german/torrents.ts";
import { trackers } from "./german/trackers.ts";
import { values } from "./german/values.ts";

export const GERMAN: Words = {
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
