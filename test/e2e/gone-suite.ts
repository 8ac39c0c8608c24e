import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { barriersIn } from "./support/access.ts";
import type { Start } from "./support/running.ts";
import { type Stage, setStage } from "./support/stage.ts";
import { InterfaceWindow } from "./support/window.ts";

/** Who is gone: why, counted, and what can be done about it. */
export function describeGone(start: Start): void {
  let stage: Stage;
  let window: InterfaceWindow;

  beforeAll(async () => {
    stage = await setStage();
    window = new InterfaceWindow(await start(stage.stateFolder));
  });
  afterAll(async () => {
    await window?.running.quit();
    await stage?.close();
  });

  const row = (address: string) => window.get("gone-row", { address }).first();
  const bar = (key: string) => window.get("gone-bar", { key });

  test("whoever leaves is counted by reason, by client and by source", async () => {
    await window.get("empty-state").waitFor();
    await window.drop(stage.album.file);
    await window.get("add-dialog").waitFor();
    await window.confirmAdding(stage.downloads);
    await window.sees(() => window.get("peer-row", { phase: "open" }).count(), 3);
    stage.brute.breakProtocol();
    await window.peer(stage.beggar.address).click({ button: "right" });
    await window.get("menu-disconnect").click();
    await window.get("peers-gone").click();
    await row(stage.brute.address).waitFor();
    await row(stage.beggar.address).waitFor();
    await window.sees(async () => Number(await bar("local").getAttribute("data-count")) >= 1, true);
    await bar("bad-message").waitFor();
    await window.get("gone-by-client").click();
    await bar("Transmission").waitFor();
    await bar("Deluge").waitFor();
    await window.get("gone-by-source").click();
    await bar("tracker").waitFor();
    await window.shoot("24-gone");
  });

  test("a bar that is pressed shows its peers alone, and the list is sorted by its heads", async () => {
    await window.get("gone-by-reason").click();
    await bar("local").click();
    await row(stage.brute.address).waitFor({ state: "detached" });
    const reasons = await window.get("gone-row").evaluateAll((rows) => rows.map((one) => one.dataset.reason));
    expect(new Set(reasons)).toEqual(new Set(["local"]));
    await window.get("gone-all").click();
    await row(stage.brute.address).waitFor();
    const clients = async () => {
      const first = window.get("gone-row").first();
      return (await first.getAttribute("data-reason")) ?? "";
    };
    await window.get("gone-list").locator('[data-head="reason"]').click();
    const upwards = await clients();
    await window.get("gone-list").locator('[data-head="reason"]').click();
    await window.sees(async () => (await clients()) !== upwards, true);
    await window.get("gone-list").locator('[data-head="reason"]').click();
  });

  test("all that is remembered of one is told in words", async () => {
    await row(stage.brute.address).click();
    const details = window.get("gone-details");
    await details.getByText(/It sent a malformed message/i).waitFor();
    expect(await details.innerText()).toMatch(/bad-message -22/);
    expect(await details.innerText()).toMatch(/tracker/);
    expect(await barriersIn(window)).toEqual([]);
    await window.shoot("25-gone-details");
    await window.get("gone-details-close").click();
  });

  test("one who is gone is banned with one press, and may come again with the next", async () => {
    const beggar = row(stage.beggar.address);
    await beggar.getByTestId("gone-ban").click();
    await beggar.getByTestId("gone-unban").waitFor();
    await window.get("peers-banned").getByText("1").waitFor();
    await beggar.getByTestId("gone-unban").click();
    await beggar.getByTestId("gone-ban").waitFor();
    await beggar.getByTestId("gone-connect").click();
    await window.get("peers-here").click();
    await window.get("peer-row", { address: stage.beggar.address, phase: "open" }).waitFor();
  });

  test("rates, peers and queues of a torrent are drawn over time, in numbers too", async () => {
    await window.show("charts");
    await window.get("chart", { chart: "rates" }).waitFor();
    const plot = window.get("chart", { chart: "peers" }).getByTestId("plot");
    await window.sees(async () => Number(await plot.getAttribute("data-points")) > 3, true);
    expect(await window.get("chart", { chart: "peers" }).getByTestId("chart-words").innerText()).toMatch(
      /Seeds \d.*, mean .*, most \d.*; Leechers/,
    );
    await expect.poll(() => inkOf(plot), { timeout: 30_000 }).toBeGreaterThan(3);
    expect(await barriersIn(window)).toEqual([]);
    await window.shoot("26-charts");
    await window.get("charts-table").click();
    expect(await barriersIn(window)).toEqual([]);
    const rows = window.get("chart", { chart: "peers" }).locator("tbody tr");
    await window.sees(async () => (await rows.count()) > 2, true);
    expect(await rows.first().innerText()).toMatch(/^\d\d:\d\d:\d\d/);
    await window.get("charts-table").click();
    await window.get("charts-24h").click();
    await window.get("charts").getByRole("status").waitFor();
  });

  test("those of the session, its memory among them, open from the status bar", async () => {
    await window.get("status-charts").click();
    const memory = window.get("charts-dialog").locator('[data-chart="memory"]');
    await memory.waitFor();
    expect(await memory.getByTestId("chart-words").innerText()).toMatch(/Process \d.* MiB/);
    expect(await barriersIn(window)).toEqual([]);
    await window.shoot("27-session-charts");
    await window.page.keyboard.press("Escape");
    await window.get("charts-dialog").waitFor({ state: "detached" });
    expect(window.complaints).toEqual([]);
  });
}

/** How many colours a plot is painted in. */
async function inkOf(plot: Locator): Promise<number> {
  return plot.locator("canvas").evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
      0,
      0,
      canvas.width,
      canvas.height,
    );
    const colours = new Set<number>();
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] === 255)
        colours.add(((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number));
    }
    return colours.size;
  });
}
