import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../setup/free-port.ts";
import type { Start } from "./support/running.ts";
import { type Stage, setStage } from "./support/stage.ts";
import { InterfaceWindow } from "./support/window.ts";

/** Who is in the swarm, how they are found, and what can be done with them: one story, on a stage of its own. */
export function describePeers(start: Start): void {
  let stage: Stage;
  let window: InterfaceWindow;
  /** Where nobody listens. */
  let nobody: string;

  beforeAll(async () => {
    stage = await setStage();
    const port = await freePort();
    nobody = `127.0.0.1:${port}`;
    stage.tracker.peers = [...stage.tracker.peers, port];
    window = new InterfaceWindow(await start(stage.stateFolder));
    await window.get("empty-state").waitFor();
    await window.drop(stage.album.file);
    await window.confirmAdding(stage.downloads);
    await window.show("peers");
    for (const { address } of [stage.miser, stage.beggar, stage.brute]) await isOpen(address);
  });
  afterAll(async () => {
    await window?.running.quit();
    await stage?.close();
  });

  const isOpen = (address: string) => window.get("peer-row", { address, phase: "open" }).waitFor();
  const shown = () =>
    window.get("peer-row").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.address ?? "").sort());
  const addresses = (...peers: readonly { readonly address: string }[]) => peers.map(({ address }) => address).sort();
  const heads = () =>
    window
      .get("peer-list")
      .locator("[data-head]")
      .evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).dataset.head ?? ""));
  const filterBy = (text: string) => window.get("peer-filter").fill(text);

  /** Presses a key until it led there; nothing is further away than this. */
  async function presses(key: string, read: () => Promise<unknown>, wanted: string): Promise<void> {
    for (let press = 0; press < 30 && (await read()) !== wanted; press++) await window.page.keyboard.press(key);
    expect(await read()).toBe(wanted);
  }

  test("peers are grouped by where they are, each group with its number", async () => {
    await window.get("peer-group", { group: "open", all: "3" }).waitFor();
    await window.get("peer-group", { group: "known", all: "1" }).waitFor();
  });

  test("who could not be reached is known with its exact failure, and tried again at a press", async () => {
    const row = window.get("known-row", { address: nobody, reason: "connect-failed" });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/connection refused.*-200.*1 failure in a row, next try in \d+/s);
    await row.hover();
    await row.getByTestId("peer-connect").click();
    await row.getByText("2 failures in a row").waitFor();
    await window.shoot("30-peer-groups");
  });

  test("a group folds, by the pointer and by keys", async () => {
    const known = window.get("peer-group", { group: "known" });
    await known.click();
    await window.get("known-row").waitFor({ state: "detached" });
    await window.page.keyboard.press("ArrowRight");
    await window.get("known-row").first().waitFor();
    expect(await known.getAttribute("aria-expanded")).toBe("true");
  });

  test("words filter: client, flag, state, a share, plain text, and their opposites", async () => {
    const { miser, beggar, brute } = stage;
    for (const [text, found] of [
      ["client:transmission", addresses(beggar)],
      ["-client:transmission", addresses(miser, brute)],
      ["flag:seed", addresses(miser)],
      ["flag:=", addresses(miser)],
      ["has:>40", addresses(miser, brute)],
      ["has:<40", addresses(beggar)],
      ["source:tracker", addresses(miser, beggar, brute)],
      ["source:dht", []],
      ["state:known", []],
      [brute.address, addresses(brute)],
      ["qBit -flag:snubbed", addresses(miser)],
    ] as const) {
      await filterBy(text);
      await window.sees(shown, [...found]);
    }
    await filterBy("client:deluge");
    await window.get("peer-group", { group: "open", shown: "1", all: "3" }).getByText("1 of 3").waitFor();
  });

  test("the failure of a known peer is found by its words", async () => {
    await filterBy("reason:refused");
    await window.get("known-row", { address: nobody }).waitFor();
    await window.sees(shown, []);
  });

  test("what a filter can't read is said, and the rest of it filters", async () => {
    await filterBy("colour:red client:deluge ");
    await window.page.keyboard.press("Escape");
    await window.get("filter-fault").getByText("“colour:” is nothing to filter by").waitFor();
    await window.sees(shown, addresses(stage.brute));
  });

  test("Ctrl F leads to the filter, words are offered as one types, and Escape clears it", async () => {
    await window.show("files");
    await window.page.keyboard.press("Control+f");
    await expect
      .poll(() => window.page.evaluate(() => document.activeElement?.id), { timeout: 30_000 })
      .toBe("peer-filter");
    await window.page.keyboard.press("Delete");
    await window.page.keyboard.type("cl");
    await window.get("filter-suggestion").getByText("client:").waitFor();
    await window.page.keyboard.press("ArrowDown");
    await window.page.keyboard.press("Enter");
    await window.page.keyboard.type("trans");
    await window.get("filter-suggestion").getByText("client:Transmission").waitFor();
    await window.shoot("31-peer-filter");
    await window.page.keyboard.press("ArrowDown");
    await window.page.keyboard.press("Tab");
    await window.sees(() => window.get("peer-filter").inputValue(), "client:Transmission ");
    await window.page.keyboard.press("Escape");
    await window.page.keyboard.press("Escape");
    await window.sees(() => window.get("peer-filter").inputValue(), "");
    await window.page.keyboard.press("Escape");
    await window.sees(shown, addresses(stage.miser, stage.beggar, stage.brute));
  });

  test("flags are letters, pictures or words", async () => {
    const seed = window.peer(stage.miser.address).locator('[data-flag="="]');
    expect(await seed.innerText()).toBe("=");
    const choose = async (style: string) => {
      await window.get("flag-key").click();
      await window.get(`flags-as-${style}`).click();
      await window.shoot(`32-flags-as-${style}`);
      await window.page.keyboard.press("Escape");
    };
    await choose("icons");
    await seed.getByTestId("flag-icon").waitFor();
    expect(await seed.getAttribute("aria-label")).toBe("seed: it has everything");
    await choose("words");
    await window.sees(() => seed.innerText(), "seed");
    await window.sees(() => window.peer(stage.brute.address).locator('[data-flag="T"]').innerText(), "tracker");
    await choose("letters");
    await window.sees(() => seed.innerText(), "=");
  });

  test("columns are hidden, shown, moved and resized, and stay so over a reload", async () => {
    const before = await heads();
    await window.get("peer-list").getByTestId("choose-columns").click();
    await window.get("column-connection").click();
    await window.get("column-roundTrip").click();
    await window.page.keyboard.press("Escape");
    await window.sees(async () => (await heads()).includes("roundTrip"), true);
    expect(await heads()).not.toContain("connection");

    const head = (id: string) => window.get("peer-list").locator(`[data-head="${id}"]`);
    const width = async (id: string) => Math.round((await head(id).boundingBox())?.width ?? 0);
    const wide = await width("address");
    const edge = await head("address").getByTestId("column-edge").boundingBox();
    if (edge === null) throw new Error("the column has no edge");
    const y = edge.y + edge.height / 2;
    await window.page.mouse.move(edge.x + edge.width / 2, y);
    await window.page.mouse.down();
    await window.page.mouse.move(edge.x + edge.width / 2 + 40, y, { steps: 4 });
    await window.page.mouse.up();
    await window.sees(() => width("address"), wide + 40);

    // By keys: to the heads, one column on, moved to the left, and narrower.
    await window.get("peer-list").focus();
    await window.page.keyboard.press("Home");
    await window.page.keyboard.press("ArrowUp");
    const focused = () => window.page.evaluate(() => (document.activeElement as HTMLElement).dataset.head);
    await presses("ArrowRight", focused, "client");
    const clientWide = await width("client");
    await window.page.keyboard.press("Shift+ArrowLeft");
    await window.sees(() => width("client"), clientWide - 12);
    await window.page.keyboard.press("Control+ArrowLeft");
    await window.sees(async () => (await heads()).indexOf("client") < (await heads()).indexOf("address"), true);

    // Dragged: the flags in front of everything.
    const [flags, first] = [await head("flags").boundingBox(), await head((await heads())[0] ?? "").boundingBox()];
    if (flags === null || first === null) throw new Error("the heads are not there");
    await window.page.mouse.move(flags.x + 30, y);
    await window.page.mouse.down();
    await window.page.mouse.move(first.x + 4, y, { steps: 6 });
    await window.page.mouse.up();
    await window.sees(async () => (await heads())[0], "flags");

    await window.page.reload();
    await window.show("peers");
    await isOpen(stage.miser.address);
    expect((await heads())[0]).toBe("flags");
    expect(await heads()).toContain("roundTrip");
    expect(await heads()).not.toContain("connection");
    expect(await width("address")).toBe(wide + 40);

    await window.get("peer-list").getByTestId("choose-columns").click();
    await window.get("columns-reset").click();
    await window.sees(heads, before);
  });

  test("a selection holds while its rows move", async () => {
    const chosen = () =>
      window
        .get("peer-list")
        .locator('[aria-selected="true"]')
        .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.address ?? "").sort());
    await window.peer(stage.beggar.address).locator('[data-cell="address"]').click();
    await window
      .peer(stage.brute.address)
      .locator('[data-cell="address"]')
      .click({ modifiers: ["Control"] });
    const both = addresses(stage.beggar, stage.brute);
    await window.sees(chosen, both);
    const share = window.get("peer-list").locator('[data-head="progress"]');
    const order = () =>
      window.get("peer-row").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.address ?? ""));
    const byRow = async () => {
      const tops = await window.get("peer-row").evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().y));
      const found = await order();
      return found.map((address, index) => [tops[index] ?? 0, address] as const).sort((a, b) => a[0] - b[0])[0]?.[1];
    };
    await share.click();
    await window.sees(byRow, stage.beggar.address);
    expect(await chosen()).toEqual(both);
    await share.click();
    await window.sees(byRow, stage.miser.address);
    expect(await chosen()).toEqual(both);
    await share.click();
    await window.get("peer-list").focus();
    await window.page.keyboard.press("Control+a");
    await window.sees(async () => (await chosen()).length >= 4, true);
    await window.page.keyboard.press("Escape");
    await window.sees(chosen, []);
  });

  test("by keys alone: a peer is chosen, its menu opened, and its rates limited", async () => {
    await window.get("peer-list").focus();
    await window.page.keyboard.press("Home");
    const active = () => window.get("peer-list").locator('[data-active="true"]').getAttribute("data-address");
    await presses("ArrowDown", active, stage.beggar.address);
    await window.page.keyboard.press("Shift+F10");
    await window.get("peer-menu").waitFor();
    await window.shoot("33-peer-menu");
    const marked = () =>
      window
        .get("peer-menu")
        .locator("[data-highlighted]")
        .evaluateAll(([item]) => (item as HTMLElement | undefined)?.dataset.testid);
    await presses("ArrowDown", marked, "menu-limit");
    await window.page.keyboard.press("Enter");
    await window.get("limit-dialog").waitFor();
    await window.page.keyboard.press("Control+a");
    await window.page.keyboard.type("many");
    await window.get("limit-dialog").getByText("A whole number from 0").waitFor();
    await window.page.keyboard.press("Control+a");
    await window.page.keyboard.type("50");
    await window.page.keyboard.press("Enter");
    await window.get("limit-dialog").waitFor({ state: "detached" });
    await window.get("peer-list").getByTestId("choose-columns").click();
    await window.get("column-limits").click();
    await window.page.keyboard.press("Escape");
    await window
      .peer(stage.beggar.address)
      .locator('[data-cell="limits"]')
      .getByText(/↓ 50\.0 KiB\/s/)
      .waitFor();
  });

  test("the menu of a peer copies, disconnects, bans and lifts the ban", async () => {
    const { brute } = stage;
    const openMenu = async (id: string) => {
      await window.get(id, { address: brute.address }).first().locator('[data-cell="address"]').click({
        button: "right",
      });
      await window.get("peer-menu").waitFor();
    };
    await openMenu("peer-row");
    await window.get("menu-copy-address").click();
    await window.get("toast", { kind: "done" }).getByText("Address copied").waitFor();

    await openMenu("peer-row");
    await window.get("menu-copy-dump").click();
    await window.get("toast", { kind: "done" }).getByText("Description copied").waitFor();

    await openMenu("peer-row");
    await window.get("menu-disconnect").click();
    await window.peer(brute.address).waitFor({ state: "detached" });
    await window.get("left-row", { address: brute.address, reason: "local" }).waitFor();
    await openMenu("known-row");
    await window.get("menu-connect").click();
    await isOpen(brute.address);

    await openMenu("peer-row");
    await window.get("menu-ban").click();
    await window.peer(brute.address).waitFor({ state: "detached" });
    await window.get("known-row", { address: brute.address }).getByText("It is banned; it is not dialled").waitFor();
    await openMenu("known-row");
    await window.get("menu-unban").click();
    await isOpen(brute.address);
  });

  test("the page never complained", () => {
    expect(window.complaints).toEqual([]);
  });
}
