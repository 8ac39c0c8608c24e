import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, runAsProgram, setUp } from "./setup.js";

/** `npm run fuzz`: bundles `test/fuzz/fuzz.ts`, which runs in threads of its own, and runs it with the arguments. */

await runAsProgram(async () => {
  await setUp();
  const { bundleForNode } = await import("./bundle.js");
  await bundleForNode({ entry: "test/fuzz/fuzz.ts", out: "fuzz/fuzz.js", format: "es" });
  const { status } = spawnSync(process.execPath, [join(root, "dist", "fuzz", "fuzz.js"), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
});
