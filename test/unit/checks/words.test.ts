// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources with templates in them
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findLoosePhrases } from "../../../build/checks/words.js";

describe("phrases of the window", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "peerscope-words-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function phrasesOf(text: string, path = "renderer/views/a.tsx"): string[] {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return findLoosePhrases(root);
  }

  test.each([
    "export const a = <p>{say.frame.settings}</p>;",
    'export const a = <p className="quiet" data-testid="b" role="alert" title={say.b}> · {c} </p>;',
    'export const a = <A label={b.kind === "open" ? say.c : say.d} />;',
    'export const a = <p>{state === "open" && <B kind="word" />}</p>;',
    'export const a = { id: "name", title: say.b.name, kind: "word" };',
    "export const a = <A title={words[`theme-${b}`]} />;",
  ])("are looked up: %s", (text) => {
    expect(phrasesOf(text)).toEqual([]);
  });

  test.each([
    ["export const a = <p>Settings</p>;", "Settings"],
    ['export const a = <p aria-label="Settings" />;', "Settings"],
    ['export const a = <p>{b ? "Open" : say.c}</p>;', "Open"],
    ["export const a = <p>{`Port ${b}`}</p>;", "Port"],
    ['export const a = <p>{b ?? "none"}</p>;', "none"],
    ['export const a = <A label={"Port " + b} />;', "Port"],
    ['export const a = [{ id: "name", title: "Name" }];', "Name"],
  ])("are found where they are written in place: %s", (text, phrase) => {
    expect(phrasesOf(text)).toEqual([expect.stringContaining(`a.tsx:1: "${phrase}"`)]);
  });

  test("are nowhere else in this checkout", () => {
    expect(findLoosePhrases(join(import.meta.dirname, "../../.."))).toEqual([]);
  });

  test("are at home in the dictionaries", () => {
    expect(phrasesOf('export const a = { title: "Name" };', "renderer/words/english/a.ts")).toEqual([]);
  });
});
