import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../setup/requirements.ts";

const root = join(import.meta.dirname, "../../..");
const builder = createRequire(import.meta.url).resolve("electron-builder/cli.js");
const linux = process.platform === "linux" ? undefined : "packages for Linux are made on Linux";

/** By which the switches inside an Electron binary are found, as its documentation says. */
const FUSE_SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
/** In the binary's order, all but the last two named by the security checklist; `1` is on. */
const FUSES = [
  "runAsNode",
  "cookieEncryption",
  "nodeOptions",
  "nodeCliInspect",
  "asarIntegrity",
  "onlyLoadAppFromAsar",
  "browserProcessSnapshot",
  "grantFileProtocolExtraPrivileges",
] as const;

/** Enough of an Electron distribution to be packaged: a binary with switches, all of them the wrong way. */
function makeDistribution(folder: string): void {
  mkdirSync(join(folder, "resources"), { recursive: true });
  mkdirSync(join(folder, "locales"));
  const wire = FUSES.map((name) => (/^(cookie|asar|only)/.test(name) ? "0" : "1")).join("");
  const header = Buffer.from([1, wire.length]);
  writeFileSync(
    join(folder, "electron"),
    Buffer.concat([Buffer.from(`#!/bin/sh\n# ${FUSE_SENTINEL}`), header, Buffer.from(wire)]),
  );
  chmodSync(join(folder, "electron"), 0o755);
  for (const file of ["version", "LICENSE", "LICENSES.chromium.html"]) writeFileSync(join(folder, file), "");
}

/** Runs electron-builder with the checkout's configuration, without network. */
function build(folder: string, ...extra: string[]) {
  return spawnSync(
    process.execPath,
    [
      builder,
      ...["--config", "build/electron-builder.yml", "--linux", "--dir", "--x64", "--publish", "never"],
      `-c.electronDist=${join(folder, "electron")}`,
      `-c.directories.output=${join(folder, "out")}`,
      ...extra,
    ],
    { cwd: root, encoding: "utf8", env: { ...process.env, CI: "1" } },
  );
}

/** The files inside an asar archive, by path. Its header is JSON after 16 bytes of lengths. */
function filesInAsar(file: string): Map<string, { readonly size: number }> {
  const archive = readFileSync(file);
  type Entry = { size?: number; files?: Record<string, Entry> };
  const header = JSON.parse(archive.toString("utf8", 16, 16 + archive.readUInt32LE(12))) as Entry;
  const found = new Map<string, { size: number }>();
  const walk = (entry: Entry, path: string) => {
    if (entry.files === undefined) found.set(path, { size: entry.size ?? 0 });
    else for (const [name, inner] of Object.entries(entry.files)) walk(inner, path === "" ? name : `${path}/${name}`);
  };
  walk(header, "");
  return found;
}

describe("a package", needs(linux), () => {
  let folder: string;
  let built: ReturnType<typeof build>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "peerscope-package-"));
    makeDistribution(join(folder, "electron"));
    built = build(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is built from the configuration, which fits electron-builder's schema", () => {
    expect(built.stdout + built.stderr).not.toContain("is invalid");
    expect(built.status, built.stdout + built.stderr).toBe(0);
  });

  test("holds the bundles and package.json, and no node_modules", () => {
    const files = filesInAsar(join(folder, "out/linux-unpacked/resources/app.asar"));
    const kinds = new Set([...files.keys()].map((path) => path.replace(/^(dist\/\w+\/).*/, "$1")));
    expect([...kinds].sort()).toEqual([
      "dist/country.mmdb",
      "dist/disk-worker.js",
      "dist/electron/",
      "dist/renderer/",
      "package.json",
    ]);
    expect([...files.keys()].filter((path) => path.endsWith(".mmdb"))).toHaveLength(1);
    for (const name of ["main.js", "preload.cjs", "engine-thread.js"]) {
      expect(files.get(`dist/electron/${name}`)?.size).toBe(statSync(join(root, "dist/electron", name)).size);
    }
    expect(files.has("dist/renderer/index.html")).toBe(true);
  });

  test("has every fuse as the security checklist says", () => {
    const binary = readFileSync(join(folder, "out/linux-unpacked/peerscope"), "latin1");
    const at = binary.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2;
    const state = Object.fromEntries(FUSES.map((name, index) => [name, binary[at + index] === "1"]));
    expect(state).toMatchObject({
      runAsNode: false,
      nodeOptions: false,
      nodeCliInspect: false,
      grantFileProtocolExtraPrivileges: false,
      cookieEncryption: true,
      asarIntegrity: true,
      onlyLoadAppFromAsar: true,
    });
  });

  test("would not be built from a configuration with a key that nobody knows", () => {
    const broken = build(folder, "-c.nonsense=1");
    expect(broken.status).not.toBe(0);
    expect(broken.stdout + broken.stderr).toContain("unknown property 'nonsense'");
  });
});

test("the configuration names .torrent files, an icon that is there, and all three systems", () => {
  const configuration = readFileSync(join(root, "build/electron-builder.yml"), "utf8");
  expect(configuration).toMatch(/fileAssociations:\n\s+- ext: torrent/);
  for (const target of ["AppImage", "deb", "nsis", "dmg"]) expect(configuration).toContain(`- ${target}\n`);
  const icons = [...configuration.matchAll(/icon: (\S+)/g)].map((match) => match[1] ?? "");
  expect(icons).toHaveLength(3);
  for (const icon of icons) expect(existsSync(join(root, icon))).toBe(true);
  // A PNG says its width in its header; electron-builder wants 512.
  expect(readFileSync(join(root, "build/icons/icon.png")).readUInt32BE(16)).toBe(512);
});
