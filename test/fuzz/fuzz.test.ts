import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { seedOfRun } from "./mutate.ts";
import { BATCH, inputsOf, TRIED_BY_TEST } from "./target.ts";
import { targets } from "./targets.ts";

const SEED = seedOfRun();
const REGRESSIONS = join(import.meta.dirname, "regressions");

test("a run of the fuzz is divided among all targets", () => {
  expect(targets.reduce((sum, { share }) => sum + share, 0)).toBe(1000);
  expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
  expect(targets.map(({ name }) => name)).toEqual(expect.arrayContaining(readdirSync(REGRESSIONS)));
});

describe.for(targets)("$name", (target) => {
  const share = target.share * TRIED_BY_TEST;
  test(`stands mutated inputs (seed ${SEED})`, async () => {
    const met = new Set<string>();
    for (let batch = 0; batch * BATCH < share; batch++) {
      let number = 0;
      for (const input of inputsOf(target, SEED, batch)) {
        if (batch * BATCH + number++ >= share) break;
        try {
          for (const outcome of [await target.judge(input)].flat()) met.add(outcome);
        } catch (error) {
          const hex = Buffer.from(input).toString("hex");
          throw new Error(`input ${number} of batch ${batch} of seed ${SEED}: ${hex}`, { cause: error });
        }
      }
    }
    expect([...met]).toEqual(expect.arrayContaining([...target.meets]));
  });

  const known = readdirSync(REGRESSIONS).includes(target.name) ? readdirSync(join(REGRESSIONS, target.name)) : [];
  test.for(known)("stands what once broke it: %s", async (file) => {
    expect(await target.judge(new Uint8Array(readFileSync(join(REGRESSIONS, target.name, file))))).toBeDefined();
  });
});
