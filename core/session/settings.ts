import type { Settings } from "../contract/views.ts";

/** Defaults as users of other clients know them (peer semantics, section 3). */
export function defaultSettings(downloadFolder: string): Settings {
  return {
    downloadFolder,
    listenPort: 0,
    downLimit: 0,
    upLimit: 0,
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
    proxy: "",
    encryptionIncoming: "allow",
    encryptionOutgoing: "allow",
  };
}
