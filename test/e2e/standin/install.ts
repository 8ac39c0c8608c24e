import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const root = join(import.meta.dirname, "../../..");
/** Inside the checkout, so that what is not bundled is found in `node_modules`. */
const folder = join(root, "test-results", "standin");

/**
 * Bundles the stand-in and makes it a program.
 * @returns Its path: an `executablePath` for Playwright's `_electron.launch`.
 */
export async function installStandin(): Promise<string> {
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      ssr: join(import.meta.dirname, "program.ts"),
      target: "node20",
      outDir: folder,
      emptyOutDir: true,
      copyPublicDir: false,
      minify: false,
      rolldownOptions: { external: ["playwright-core"], output: { entryFileNames: "program.mjs" } },
    },
  });
  const program = join(folder, "electron");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(folder, "program.mjs")}" "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
