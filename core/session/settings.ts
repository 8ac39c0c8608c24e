import type { Settings } from "../contract/views.ts";
import { KIB } from "../model/units.ts";

/** Defaults as users of other clients know them (peer semantics, section 3). */
export function defaultSettings(downloadFolder: string): Settings {
  return {
    downloadFolder,
    listenPort: 0,
    downLimit: 0,
    upLimit: 0,
    alternativeLimits: false,
    alternativeDownLimit: 100 * KIB,
    alternativeUpLimit: 100 * KIB,
    limitLocalPeers: true,
    maxConnections: 500,
    maxConnectionsPerTorrent: 100,
    maxHalfOpen: 50,
    unchokeSlots: 8,
    transport: "both",
    dht: true,
    pex: true,
    lsd: true,
    portMapping: true,
    ipFilter: "",
    blockedPorts: "",
    proxy: "",
    encryptionIncoming: "allow",
    encryptionOutgoing: "allow",
  };
}
