import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStateStore, StateFolderTaken } from "../../../core/runtime/persist/state-store.ts";
import { temporaryFolder, withStore } from "./state-fixture.ts";

/** The lock as it stands while a store is open, for forgeries. */
async function someLock(): Promise<Record<string, unknown>> {
  const folder = temporaryFolder();
  return withStore(folder, async () => JSON.parse(readFileSync(join(folder, "lock"), "utf8")));
}

describe("the lock on a state folder", () => {
  test("keeps a second engine out with a clear word, until the first is closed", async () => {
    const folder = temporaryFolder();
    const first = await openStateStore(folder);
    const refusal = await openStateStore(folder).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StateFolderTaken);
    expect((refusal as Error).message).toContain(`process ${process.pid}`);
    expect((refusal as Error).message).toContain(folder);
    await first.close();
    await (await openStateStore(folder)).close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is held by another process as long as it lives, and not longer", async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    await once(child, "spawn");
    const lock = { ...(await someLock()), pid: child.pid, started: undefined };
    writeFileSync(join(folder, "lock"), JSON.stringify(lock));
    await expect(openStateStore(folder)).rejects.toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await withStore(folder, async () => {});
  });

  const { pid: deadPid } = spawnSync(process.execPath, ["-e", ""]);
  const stale: [string, object][] = [
    ["a process that is gone", { pid: deadPid }],
    ["a run of the system before this one", { boot: "another" }],
    ...(process.platform === "linux"
      ? ([["a process whose number another has now", { started: "12345" }]] as [string, object][])
      : []),
  ];
  test.each(stale)("of %s is taken over", async (_, changes) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lock"), JSON.stringify({ ...(await someLock()), ...changes }));
    await withStore(folder, async (store) => {
      expect((await store.load()).notices).toEqual([]);
      await expect(openStateStore(folder)).rejects.toThrow(StateFolderTaken);
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["", "nonsense", "{}", "null", '{"pid":-1}'])("that says %j is nobody's", async (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lock"), text);
    await withStore(folder, async () => {});
  });

  test("of many who want it at once one gets it", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lock"), JSON.stringify({ ...(await someLock()), pid: deadPid }));
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => openStateStore(folder)));
    const won = tries.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(won.length).toBe(1);
    for (const result of tries)
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(StateFolderTaken);
    await won[0]?.close();
  });
});
