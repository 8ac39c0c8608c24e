import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBreaches } from "../../../build/checks/rooms.js";

describe("the house rule", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "peerscope-rooms-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function breachesOf(path: string, text: string): string[] {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return findBreaches(root);
  }

  test.each([
    ["core/peer/peer.ts", 'import { decode } from "../wire/decoder.ts";'],
    ["core/session/session.ts", 'import type { Command } from "../contract/messages.ts";'],
    ["core/runtime/disk/disk.ts", 'import { open } from "node:fs/promises";\nexport const now = Date.now();'],
    ["core/model/bencode.ts", 'import bencode from "bencode";'],
    ["core/model/units.ts", "export const a = { Date: 1 };\nexport const b = a.Date + Math.max(1, 2);"],
    ["electron/main.ts", 'import { app } from "electron";\nimport { startEngine } from "../core/runtime/engine.ts";'],
    [
      "renderer/views/peers.tsx",
      'import { useState } from "react";\nimport "./peers.css";\nexport const a = <p>{Date.now()}</p>;',
    ],
  ])("lets %s import what lies below it", (path, text) => {
    expect(breachesOf(path, text)).toEqual([]);
  });

  test.each([
    ["core/peer/peer.ts", 'import { pick } from "../swarm/picker.ts";', "core/peer may not import core/swarm"],
    ["core/wire/decoder.ts", 'import { pack } from "../utp/packet.ts";', "core/wire may not import core/utp"],
    ["core/swarm/swarm.ts", 'import type { View } from "../contract/views.ts";', "may not import core/contract"],
    ["core/model/units.ts", 'export type { A } from "../wire/decoder.ts";', "may not import core/wire"],
    ["core/model/units.ts", 'export type A = import("../wire/decoder.ts").A;', "may not import core/wire"],
    ["core/model/units.ts", 'export const a = await import("../wire/decoder.ts");', "may not import core/wire"],
    ["core/model/units.ts", "export const a = (name: string) => import(name);", "computed name"],
    ["core/session/session.ts", 'import { readFile } from "fs/promises";', "belongs to core/runtime"],
    ["renderer/link/port.ts", 'import { Buffer } from "node:buffer";', "belongs to core/runtime"],
    ["renderer/link/port.ts", 'import { Peer } from "../../core/peer/peer.ts";', "renderer may not import core/peer"],
    ["electron/main.ts", 'import { pick } from "../core/swarm/picker.ts";', "electron may not import core/swarm"],
    ["core/metainfo/parse.ts", 'import bencode from "bencode";', "may not import bencode"],
    ["core/host/serve.ts", 'import { app } from "electron";', "core/host may not import electron"],
    ["core/runtime/engine.ts", 'import leftPad from "left-pad";', "left-pad belongs to no room"],
    ["core/model/units.ts", 'import { a } from "../../test/setup/a.ts";', "lies in no room"],
    ["core/stray.ts", "export {};", "lies in no room"],
    ["core/swarm/choker.ts", "export const now = Date.now();", "Date comes in as an argument"],
    ["core/swarm/choker.ts", "export const a = globalThis.Math.random();", "globalThis comes in as an argument"],
    ["core/swarm/choker.ts", "export const a = Math.random();", "Math.random comes in as an argument"],
    ["core/swarm/choker.ts", "export const { random } = Math;", "Math.random comes in as an argument"],
    ["core/swarm/choker.ts", "export const a = performance.now();", "performance comes in as an argument"],
  ])("finds the breach planted in %s: %s", (path, text, words) => {
    expect(breachesOf(path, text)).toEqual([expect.stringContaining(words)]);
  });

  test("names the file and the line", () => {
    expect(breachesOf("core/peer/peer.ts", '\n\nimport { s } from "../session/session.ts";')).toEqual([
      "core/peer/peer.ts:3: core/peer may not import core/session (core/session/session.ts)",
    ]);
  });

  test("holds in this checkout", () => {
    expect(findBreaches(join(import.meta.dirname, "../../.."))).toEqual([]);
  });
});
