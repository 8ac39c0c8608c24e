#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, runAsProgram, setUp } from "./setup.js";

/** The `peerscope` command of the checkout: builds once, then is `dist/cli.js`. */

const cli = join(root, "dist", "cli.js");
await runAsProgram(async () => {
  if (!existsSync(cli)) {
    // Standard output belongs to the command: what it prints is read by tools.
    console.log = console.error;
    await setUp();
  }
  process.argv[1] = cli;
  await import(pathToFileURL(cli).href);
  return Number(process.exitCode ?? 0);
});
