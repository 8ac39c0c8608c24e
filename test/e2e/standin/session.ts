import { EventEmitter } from "node:events";

type Filter = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;
type PermissionCheck = (contents: unknown, permission: string, origin: string) => boolean;

/** The session of every window: which requests may leave, and which permissions a page has. */
class Session extends EventEmitter {
  #filter: Filter | undefined;
  #check: PermissionCheck | undefined;

  readonly webRequest = {
    onBeforeRequest: (filter: Filter) => {
      this.#filter = filter;
    },
  };

  setPermissionCheckHandler(check: PermissionCheck): void {
    this.#check = check;
  }

  /** Chromium's own pages ask only after the check has let them. */
  setPermissionRequestHandler(): void {}
  setDevicePermissionHandler(): void {}

  isAllowed(permission: string, origin: string): boolean {
    return this.#check?.(null, permission, origin) ?? true;
  }

  isCancelled(url: string): Promise<boolean> {
    const filter = this.#filter;
    if (filter === undefined) return Promise.resolve(false);
    return new Promise((resolve) => filter({ url }, ({ cancel }) => resolve(cancel ?? false)));
  }
}

export const session = { defaultSession: new Session() };
