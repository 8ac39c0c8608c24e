import type { ElectronApplication, Page } from "playwright-core";

/** One start of Peerscope's interface: in a browser, or on the desktop. */
export interface Running {
  readonly page: Page;
  /** The desktop's own side; absent in a browser. */
  readonly desktop?: ElectronApplication;
  /** Ends it as a user would, and waits until it is gone. */
  quit(): Promise<void>;
}

/** Starts it on a state folder, empty or left by an earlier start. */
export type Start = (stateFolder: string) => Promise<Running>;

/** Nobody's home: what is saved by default lands beside the state. */
export function environment(stateFolder: string): Record<string, string> {
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(kept), HOME: stateFolder, USERPROFILE: stateFolder };
}
