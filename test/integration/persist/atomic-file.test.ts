import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { AtomicFile, type AtomicRead } from "../../../core/runtime/persist/atomic-file.ts";
import { needs } from "../../setup/requirements.ts";
import { DAMAGES, temporaryFolder } from "./state-fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const said = (read: AtomicRead) => (read.kind === "good" ? new TextDecoder().decode(read.content) : read.kind);

async function fileOf(...writes: string[]): Promise<AtomicFile> {
  const file = new AtomicFile(join(temporaryFolder(), "thing"));
  for (const text of writes) expect(await file.write(bytes(text))).toBeUndefined();
  return file;
}

describe("an atomic file", () => {
  test("is absent, then what was written last", async () => {
    const file = await fileOf();
    expect(await file.read()).toEqual({ kind: "absent" });
    await file.write(bytes("one"));
    await file.write(bytes("two"));
    expect(said(await new AtomicFile(file.path).read())).toBe("two");
    expect(readdirSync(join(file.path, "..")).sort()).toEqual(["thing", "thing.previous"]);
  });

  test.each(DAMAGES)("%s is read as the generation before, and says so", async (_, damage) => {
    const file = await fileOf("one", "two");
    damage(file.path);
    const read = await new AtomicFile(file.path).read();
    expect(said(read)).toBe("one");
    expect((read as { damage?: string }).damage).toContain(file.path);
  });

  test.each(DAMAGES)("written once and then %s is not lost: the first write makes two", async (_, damage) => {
    const file = await fileOf("only");
    damage(file.path);
    expect(said(await new AtomicFile(file.path).read())).toBe("only");
  });

  test.each(DAMAGES)("whose generation before is %s is read as if nothing were", async (_, damage) => {
    const file = await fileOf("one", "two");
    damage(file.previousPath);
    const read = await new AtomicFile(file.path).read();
    expect(said(read)).toBe("two");
    expect(read).not.toHaveProperty("damage");
  });

  test("is lost when both generations are damaged, and both are named", async () => {
    const file = await fileOf("one", "two");
    writeFileSync(file.path, "");
    writeFileSync(file.previousPath, "nonsense");
    const again = new AtomicFile(file.path);
    expect(await again.read()).toMatchObject({ kind: "lost", damage: expect.stringMatching(/empty; .*previous/) });
    await again.write(bytes("three"));
    expect(said(await new AtomicFile(file.path).read())).toBe("three");
    writeFileSync(file.path, "");
    expect(said(await new AtomicFile(file.path).read())).toBe("three");
  });

  test("never gives up a good generation for a damaged one", async () => {
    const file = await fileOf("one", "two");
    writeFileSync(file.path, "damaged");
    const again = new AtomicFile(file.path);
    await again.write(bytes("three"));
    expect(said(await again.read())).toBe("three");
    writeFileSync(file.path, "damaged again");
    expect(said(await again.read())).toBe("one");
  });

  test("interrupted between its renames is what it was to become, without a word", async () => {
    const file = await fileOf("one", "two", "three");
    renameSync(file.path, `${file.path}.new`);
    const again = new AtomicFile(file.path);
    const read = await again.read();
    expect(said(read)).toBe("three");
    expect(read).not.toHaveProperty("damage");
    await again.write(bytes("four"));
    expect(said(await again.read())).toBe("four");
    writeFileSync(file.path, "");
    expect(said(await again.read())).toBe("three");
  });

  test("interrupted while it was written beside is what it was", async () => {
    const file = await fileOf("one", "two");
    writeFileSync(`${file.path}.new`, readFileSync(file.path).subarray(0, 50));
    const again = new AtomicFile(file.path);
    expect(said(await again.read())).toBe("two");
    await again.write(bytes("three"));
    expect(said(await again.read())).toBe("three");
    expect(existsSync(`${file.path}.new`)).toBe(false);
  });

  test("of many writes at once ends as the newest, and every one of them is answered", async () => {
    const file = await fileOf();
    const writes = Array.from({ length: 50 }, (_, i) => file.write(bytes(`write ${i}`)));
    expect(new Set(await Promise.all(writes))).toEqual(new Set([undefined]));
    expect(said(await new AtomicFile(file.path).read())).toBe("write 49");
    expect(file.generation).toBe(2);
  });

  test("that can't be written says why, and what was there stands", async () => {
    const file = await fileOf("one");
    mkdirSync(`${file.path}.new`);
    expect(await file.write(bytes("two"))).toMatchObject({ kind: "io", path: file.path });
    expect(said(await file.read())).toBe("one");
    rmSync(`${file.path}.new`, { recursive: true });
    expect(await file.write(bytes("three"))).toBeUndefined();
    expect(said(await new AtomicFile(file.path).read())).toBe("three");
  });

  test("removed is gone with its generation before", async () => {
    const file = await fileOf("one", "two");
    void file.write(bytes("three"));
    expect(await file.remove()).toBeUndefined();
    expect(readdirSync(join(file.path, ".."))).toEqual([]);
    expect(await file.read()).toEqual({ kind: "absent" });
  });
});

const mounting = process.platform === "linux" && process.getuid?.() === 0 ? undefined : "only the superuser may mount";

describe("an atomic file on a full disk", needs(mounting), () => {
  test("keeps what it had, says how much is free, and is written when there is room", async ({ skip }) => {
    const folder = temporaryFolder();
    const mounted = spawnSync("/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
    if (mounted.status !== 0) skip("this machine does not let a test mount");
    onTestFinished(() => {
      spawnSync("/bin/umount", ["-l", folder]);
    });
    const file = new AtomicFile(join(folder, "thing"));
    expect(await file.write(bytes("one"))).toBeUndefined();
    const large = new Uint8Array(512 * 1024);
    expect(await file.write(large)).toMatchObject({ kind: "disk-full", path: file.path });
    expect(said(await file.read())).toBe("one");
    expect(await file.write(bytes("two"))).toBeUndefined();
    expect(readFileSync(file.path, "utf8")).toContain("two");
  });
});
