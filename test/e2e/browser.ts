import { findBrowser } from "../../build/browser.js";
import { chromiumLaunchOptions } from "./chromium-options.ts";

/** How the tests start a browser. Where there is none, the tests that want one are skipped with the reason. */
export function browserLaunchOptions() {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium is installed");
  return { ...chromiumLaunchOptions(), executablePath };
}
