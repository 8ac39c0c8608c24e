import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { SkipReporter } from "./skip-reporter.ts";

/**
 * Groups run one after the other, each harder on the machine than the one before. What opens real sockets, clients or
 * browsers runs one file at a time, so that its deadlines mean the same on a small machine; there a test that fails is
 * tried once more, and named in the end as unsteady when it then passes.
 */
const groups = [
  { name: "heart", folders: ["unit", "property", "sim", "fuzz"], timeout: 60_000, alone: false },
  { name: "integration", folders: ["integration"], timeout: 60_000, alone: true },
  { name: "interop", folders: ["interop"], timeout: 120_000, alone: true },
  { name: "e2e", folders: ["e2e"], timeout: 120_000, alone: true },
];

export default defineConfig({
  root: join(import.meta.dirname, ".."),
  test: {
    reporters: ["default", new SkipReporter()],
    projects: groups.map((group, order) => ({
      test: {
        name: group.name,
        include: group.folders.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`),
        testTimeout: group.timeout,
        hookTimeout: group.timeout,
        setupFiles: [join(import.meta.dirname, "..", "test", "setup", "fixed-chance.ts")],
        pool: "forks" as const,
        // Nobody outside this machine is asked for anything.
        env: { PEERSCOPE_DHT_ROUTERS: "", PEERSCOPE_NO_LSD: "1" },
        ...(group.alone ? { maxWorkers: 1, retry: 1 } : {}),
        sequence: { groupOrder: order },
      },
    })),
  },
});
