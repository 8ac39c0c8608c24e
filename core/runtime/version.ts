import { homedir } from "node:os";
import { join } from "node:path";

export const VERSION = "0.1.0";
export const CLIENT_NAME = `Peerscope ${VERSION}`;
/** Azureus style (BEP 20): `PS`, then the version's digits. */
export const PEER_ID_PREFIX = "-PS0100-";

/** Client and version as DHT messages say it (BEP 5 `v`): `PS`, then two bytes of version. */
export const DHT_VERSION: Uint8Array = Uint8Array.of(0x50, 0x53, 0x01, 0x00);

/** Where downloads go until the user says otherwise. */
export function downloadFolder(): string {
  return join(homedir(), "Downloads");
}
