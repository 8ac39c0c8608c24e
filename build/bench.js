import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, runAsProgram, setUp } from "./setup.js";

/** `npm run bench` and `npm run bench:micro`: bundles the benchmark, so that what is measured is what ships, and runs it. */

await runAsProgram(async () => {
  await setUp();
  const args = process.argv.slice(2).filter((arg) => arg !== "--micro");
  const name = process.argv.includes("--micro") ? "micro" : "download";
  const { bundleForNode } = await import("./bundle.js");
  await bundleForNode({ entry: `test/bench/${name}.ts`, out: `bench/${name}.js`, format: "es" });
  const { status } = spawnSync(process.execPath, [join(root, "dist", "bench", `${name}.js`), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
});
