/** Chromium alone with the page: no calls home, no first-run pages, no processes that a test does not need. */
const FLAGS = [
  "--headless=new",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** For the superuser Chromium has no sandbox. The profile is the caller's, and empty. */
export function chromiumLaunchOptions() {
  return { chromiumSandbox: process.getuid?.() !== 0, headless: true, args: FLAGS };
}
