import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, runAsProgram, setUp } from "./setup.js";

/**
 * `npm run bench` and `bench:NAME`: bundles `test/bench/NAME.ts` as the product is bundled, so that what is measured is
 * what ships, and runs it with the rest of the arguments.
 */

await runAsProgram(async () => {
  await setUp();
  const [name = "download", ...args] = process.argv.slice(2);
  const { bundleForNode } = await import("./bundle.js");
  await bundleForNode({ entry: `test/bench/${name}.ts`, out: `bench/${name}.js`, format: "es" });
  const { status } = spawnSync(process.execPath, [join(root, "dist", "bench", `${name}.js`), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status === 0) console.log(`Again: node build/bench.js ${[name, ...args].join(" ")}`);
  return status ?? 1;
});
