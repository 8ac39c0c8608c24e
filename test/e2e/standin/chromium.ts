import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page, type Route } from "playwright-core";
import { chromiumLaunchOptions } from "../chromium-options.ts";
import { session } from "./session.ts";

/** Chromium in Electron's place, and the addresses of the application's own schemes inside it. */

type ProtocolHandler = (request: Request) => Response | Promise<Response>;

const protocols = new Map<string, ProtocolHandler>();
export const protocol = {
  registerSchemesAsPrivileged(): void {},
  handle: (scheme: string, handler: ProtocolHandler) => void protocols.set(scheme, handler),
};

/** A top frame is about to go somewhere by its own doing. */
export interface Navigation {
  readonly page: Page;
  readonly url: string;
}

/** Chromium can't be taught a scheme from outside: each host of one is a host of https that exists nowhere. */
const SUFFIX = "standin.invalid";

/** `app://peerscope/a` → `https://peerscope.app.standin.invalid/a`. */
export function toChromium(url: string): string {
  return url.replace(/^([a-z][a-z0-9+-]*):\/\/([^/]*)/, (whole, scheme: string, host: string) =>
    protocols.has(scheme) ? `https://${host}.${scheme}.${SUFFIX}` : whole,
  );
}

export function fromChromium(url: string): string {
  return url.replace(/^https:\/\/([^/]*)\.([a-z0-9+-]+)\.standin\.invalid/, "$2://$1");
}

let launched: Promise<BrowserContext> | undefined;
/** Whoever wants to know of navigations; answers whether one may go on. */
let mayNavigate: (navigation: Navigation) => boolean = () => true;

export function onNavigation(judge: (navigation: Navigation) => boolean): void {
  mayNavigate = judge;
}

/** The browser, started when it is first wanted. Its profile is kept in the application's own folder. */
export function browser(userData: string): Promise<BrowserContext> {
  launched ??= launch(join(userData, "chromium"));
  return launched;
}

async function launch(profile: string): Promise<BrowserContext> {
  const executablePath = process.env.PEERSCOPE_CHROMIUM;
  if (executablePath === undefined) throw new Error("PEERSCOPE_CHROMIUM must name a Chromium");
  const { args, ...options } = chromiumLaunchOptions();
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath,
    viewport: null,
    args: [...args, "--remote-debugging-port=0", "--window-size=1280,820"],
    // The program itself says when it ends.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  await context.route("**", (route) => answer(route));
  return context;
}

/** Where a second program may speak to the same browser. */
export async function debuggerAddress(userData: string): Promise<string> {
  await browser(userData);
  const [port, path] = readFileSync(join(userData, "chromium", "DevToolsActivePort"), "utf8")
    .trim()
    .split("\n");
  return `ws://127.0.0.1:${port}${path}`;
}

export async function closeBrowser(): Promise<void> {
  const context = await launched;
  await context?.close();
}

async function answer(route: Route): Promise<void> {
  const request = route.request();
  const url = fromChromium(request.url());
  if (request.isNavigationRequest()) {
    const page = pageOf(route);
    if (page === undefined) return route.abort("blockedbyclient");
    // No content: the page stays where it is.
    if (!mayNavigate({ page, url })) return route.fulfill({ status: 204 });
  }
  if (await session.defaultSession.isCancelled(url)) return route.abort("blockedbyclient");
  const handler = protocols.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return route.continue();
  const response = await Promise.resolve(handler(new Request(url, { method: request.method() })));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

/** Undefined for a window that a page opened: nobody asked for it. */
function pageOf(route: Route): Page | undefined {
  try {
    return route.request().frame().page();
  } catch {
    return undefined;
  }
}
