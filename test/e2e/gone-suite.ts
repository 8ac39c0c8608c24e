import { afterAll, beforeAll, expect, test } from "vitest";
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
    await window.get("gone-list").getByRole("button", { name: "Why" }).click();
    const upwards = await clients();
    await window.get("gone-list").getByRole("button", { name: "Why" }).click();
    await window.sees(async () => (await clients()) !== upwards, true);
    await window.get("gone-list").getByRole("button", { name: "Why" }).click();
  });

  test("all that is remembered of one is told in words", async () => {
    await row(stage.brute.address).click();
    const details = window.get("gone-details");
    await details.getByText(/It sent a malformed message/i).waitFor();
    expect(await details.innerText()).toMatch(/bad-message -22/);
    expect(await details.innerText()).toMatch(/tracker/);
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
    expect(window.complaints).toEqual([]);
  });
}
