import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Counts what ran, what passed only the second time, and by reason what did not run, for the last lines of `npm test`. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.PEERSCOPE_SUMMARY;
    if (file === undefined) return;
    const summary = {
      passed: 0,
      failed: 0,
      skipped: 0,
      reasons: {} as Record<string, number>,
      unsteady: [] as string[],
    };
    for (const module of modules) {
      // A module that can't be loaded has no tests to fail.
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) summary.failed++;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (test.diagnostic()?.flaky === true) summary.unsteady.push(test.fullName);
        if (state === "passed" || state === "failed") summary[state]++;
        else {
          summary.skipped++;
          const reason = reasonOf(test);
          summary.reasons[reason] = (summary.reasons[reason] ?? 0) + 1;
        }
      }
    }
    writeFileSync(file, JSON.stringify(summary));
  }
}

/** Said by the test itself or by a suite around it. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  const said = note ?? test.meta().skippedBecause;
  if (said !== undefined) return said;
  for (let around = test.parent; around.type === "suite"; around = around.parent) {
    const reason = around.meta().skippedBecause;
    if (reason !== undefined) return reason;
  }
  return `no reason given by ${test.module.relativeModuleId}`;
}
