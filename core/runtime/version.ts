import { homedir } from "node:os";
import { join } from "node:path";

export const VERSION = "0.1.0";
export const CLIENT_NAME = `Peerscope ${VERSION}`;
/** Azureus style (BEP 20): `PS`, then the version's digits. */
export const PEER_ID_PREFIX = "-PS0100-";

/** Where downloads go until the user says otherwise. */
export function downloadFolder(): string {
  return join(homedir(), "Downloads");
}
