import { spawn } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { root, runAsProgram, setUp } from "./setup.js";

/** Everything that can be said about the sources without running them. */

/** @typedef {{ name: string, run: () => Promise<string | undefined> }} Check `run` resolves to what is wrong. */

/** @type {Check[]} */
const checks = [
  { name: "types", run: () => tool("typescript/bin/tsc", ["-p", "."]) },
  { name: "types of the heart", run: () => tool("typescript/bin/tsc", ["-p", "build/tsconfig.heart.json"]) },
  {
    name: "format and lint",
    run: () => tool("@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "--max-diagnostics=50", "."]),
  },
  { name: "rooms", run: async () => lines((await import("./checks/rooms.js")).findBreaches(root)) },
  { name: "phrases", run: async () => lines((await import("./checks/words.js")).findLoosePhrases(root)) },
  { name: "dead code and dependencies", run: () => tool("knip/bin/knip.js", ["--no-progress"]) },
  { name: "file sizes", run: async () => lines((await import("./checks/sizes.js")).findLongFiles(root)) },
  { name: "licences", run: async () => lines((await import("./checks/licences.js")).findLicenceProblems(root)) },
];

/** @param {string[]} problems */
function lines(problems) {
  return problems.length === 0 ? undefined : problems.join("\n");
}

/**
 * Runs a package's program with this Node.
 * @param {string} program Within `node_modules`.
 * @param {string[]} args
 * @returns {Promise<string | undefined>} Its output when it fails.
 */
function tool(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules", program), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve(status === 0 ? undefined : output.trim() || `ended with status ${status}`));
  });
}

/**
 * Runs every check, the slow ones side by side, and prints each with its time.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks() {
  const problems = await Promise.all(
    checks.map(async (check) => {
      const started = performance.now();
      const problem = await check.run();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`check: ${check.name} ${problem === undefined ? "ok" : "FAILED"} (${seconds} s)`);
      if (problem !== undefined) console.log(problem.replace(/^/gm, "  "));
      return problem;
    }),
  );
  const failed = problems.filter((problem) => problem !== undefined).length;
  return { passed: problems.length - failed, failed };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runAsProgram(async () => {
    await setUp();
    const { passed, failed } = await runChecks();
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  });
}
