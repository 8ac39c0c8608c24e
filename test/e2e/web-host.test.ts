import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs, requireBrowser } from "../setup/requirements.ts";
import { describeAccess } from "./access-suite.ts";
import { describeGone } from "./gone-suite.ts";
import { describeMagnets } from "./magnet-suite.ts";
import { describePeerPage } from "./peer-page-suite.ts";
import { describePeers } from "./peers-suite.ts";
import { describeRecordings } from "./recording-suite.ts";
import { describeInterface } from "./suite.ts";
import { infoOf } from "./support/swarm.ts";
import { startWebApp } from "./support/web-app.ts";

describe("peers in a browser", needs(requireBrowser()), () => describePeers(startWebApp));

describe("access for everybody", needs(requireBrowser()), () => describeAccess(startWebApp));

describe("a peer's page in a browser", needs(requireBrowser()), () => describePeerPage(startWebApp));

describe("who is gone in a browser", needs(requireBrowser()), () => describeGone(startWebApp));

describe("recordings in a browser", needs(requireBrowser()), () => describeRecordings(startWebApp));

describe("the interface in a browser", needs(requireBrowser()), () => {
  let address = "";
  const suite = describeInterface(async (stateFolder) => {
    const running = await startWebApp(stateFolder);
    address = running.address;
    return running;
  });

  describeMagnets(suite);

  test("a torrent is saved as the .torrent that it is", async () => {
    const { window, stage } = suite;
    await window.torrent(stage.album.id).click({ button: "right" });
    const [download] = await Promise.all([
      window.page.waitForEvent("download"),
      window.get("menu-save-torrent").click(),
    ]);
    expect(download.suggestedFilename()).toBe("Field Recordings.torrent");
    const saved = readFileSync(await download.path());
    expect(infoOf(saved)).toEqual(infoOf(readFileSync(stage.album.file)));
    expect(saved.includes(stage.tracker.url)).toBe(true);
  });

  test("shows no token in its address, and only its own files and socket were asked for", async () => {
    const { page } = suite.window;
    expect(page.url()).toBe(new URL("/", address).href);
    const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(asked.filter((url) => new URL(url).host !== new URL(address).host)).toEqual([]);
  });

  test("a page of another origin reaches neither the files nor the socket", async () => {
    const page = await suite.window.page.context().newPage();
    await page.goto("data:text/html,<title>elsewhere</title>");
    const outcome = await page.evaluate(async (target) => {
      const socket = new WebSocket(target.replace(/^http(.*)\/\?.*$/, "ws$1/engine"));
      const opened = await new Promise((resolve) => {
        socket.onopen = () => resolve("opened");
        socket.onerror = () => resolve("refused");
      });
      return [await fetch(target).then(String, () => "refused"), opened];
    }, address);
    expect(outcome).toEqual(["refused", "refused"]);
    await page.close();
  });

  test("without the token there is nothing to see", async () => {
    const stranger = await suite.window.page.context().browser()?.newContext();
    const page = await stranger?.newPage();
    const answer = await page?.goto(new URL("/", address).href);
    expect(answer?.status()).toBe(401);
    await stranger?.close();
  });

  test("the page never complained", () => {
    expect(suite.window.complaints).toEqual([]);
  });
});
