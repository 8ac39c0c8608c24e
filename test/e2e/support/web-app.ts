import { join } from "node:path";
import { chromium } from "playwright-core";
import { Program } from "../../setup/program.ts";
import { browserLaunchOptions } from "../browser.ts";
import { environment, type Running } from "./running.ts";

const cli = join(import.meta.dirname, "../../../dist/cli.js");

/** `peerscope serve`, and a Chromium that opens the address it prints. */
export async function startWebApp(stateFolder: string): Promise<Running & { readonly address: string }> {
  const program = new Program(process.execPath, [cli, "serve", "--state", stateFolder], {
    env: environment(stateFolder),
  });
  const address = await program.line((line) => /http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}/.exec(line)?.[0]);
  const browser = await chromium.launch(browserLaunchOptions());
  const context = await browser.newContext({ viewport: { width: 1280, height: 820 } });
  const page = await context.newPage();
  await page.goto(address);
  return {
    page,
    address,
    async quit() {
      await browser.close();
      program.signal("SIGINT");
      await program.ended();
    },
  };
}
