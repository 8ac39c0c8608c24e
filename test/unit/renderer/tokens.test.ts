import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contrast, parseHex, type Rgb } from "./colour-science.ts";

const css = readFileSync(join(import.meta.dirname, "../../../renderer/styles/tokens.css"), "utf8");

type Scheme = "light" | "dark";

/** The tokens that are pairs of opaque colours, as one scheme has them. `more`: where more contrast is preferred. */
function tokensOf(scheme: Scheme, text: string): Map<string, Rgb> {
  const pairs = text.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]+),\s*(#[0-9a-f]+)\)/g);
  return new Map(
    [...pairs].map(([, name = "", light = "", dark = ""]) => [name, parseHex(scheme === "light" ? light : dark)]),
  );
}

const more = css.indexOf("@media (prefers-contrast: more)");
const plain = (scheme: Scheme) => tokensOf(scheme, css.slice(0, more));
const raised = (scheme: Scheme) => new Map([...plain(scheme), ...tokensOf(scheme, css.slice(more))]);

const GROUNDS = ["ground", "surface", "surface-raised", "surface-sunken"];
/** Also where a row is chosen. */
const ROWS = ["surface", "selected", "selected-focus"];
const TINTS = ["accent", "good", "warn", "bad"];

/** What is written or drawn on what. */
function* placed(
  inks: readonly string[],
  grounds: readonly string[],
): Generator<readonly [ink: string, ground: string]> {
  for (const ink of inks) for (const ground of grounds) yield [ink, ground];
}

const TEXTS = [
  ...placed(["text", "text-second", "text-quiet"], GROUNDS),
  ...placed(["text", "text-second", "text-quiet"], ROWS),
  ...placed(["accent", "good", "warn", "bad", "violet"], ["surface", "surface-raised"]),
  ...placed(
    ["text", "text-second"],
    TINTS.map((tint) => `${tint}-soft`),
  ),
  ...TINTS.map((tint) => [tint, `${tint}-soft`] as const),
  ...placed(["text-on-accent"], ["accent", "accent-hover", "bad", "bad-hover"]),
  ...placed(["text"], ["mark", "segments-chosen"]),
  ...placed(["text-second", "text-quiet"], ["segments", "segments-chosen"]),
  ["hint-text", "hint"] as const,
];

/** Pictures, borders of what can be changed, focus. */
const SHAPES = [
  ...placed(["accent", "good", "warn", "bad", "calm", "violet", "focus", "control"], GROUNDS),
  ...placed(["focus", "control"], ROWS),
  ["on-control", "control"] as const,
  ["text-on-accent", "accent"] as const,
];

describe.each(["light", "dark"] as const)("the colours in %s", (scheme) => {
  const ratios = (tokens: Map<string, Rgb>, pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([ink, ground]) => ({
      pair: `${ink} on ${ground}`,
      ratio: contrast(tokens.get(ink) ?? [0, 0, 0], tokens.get(ground) ?? [0, 0, 0]),
    }));
  const weakerThan = (least: number, tokens: Map<string, Rgb>, pairs: readonly (readonly [string, string])[]) =>
    ratios(tokens, pairs).filter(({ ratio }) => ratio < least);

  it("name every colour that is judged here", () => {
    const missing = [...TEXTS, ...SHAPES].flat().filter((name) => !plain(scheme).has(name));
    expect([...new Set(missing)]).toEqual([]);
  });

  it("let text be read: 4.5 to 1, wherever it stands (WCAG 1.4.3)", () => {
    expect(weakerThan(4.5, plain(scheme), TEXTS)).toEqual([]);
  });

  it("let shapes be told from their ground: 3 to 1 (WCAG 1.4.11)", () => {
    expect(weakerThan(3, plain(scheme), SHAPES)).toEqual([]);
  });

  it("go further where more contrast is preferred: 7 to 1 for text, 4.5 to 1 for shapes", () => {
    const isPlain = ([ink]: readonly [string, string]) => ink.startsWith("text") && ink !== "text-on-accent";
    expect(weakerThan(7, raised(scheme), TEXTS.filter(isPlain))).toEqual([]);
    expect(
      weakerThan(
        4.5,
        raised(scheme),
        SHAPES.filter(([ink]) => !ink.includes("on-")),
      ),
    ).toEqual([]);
  });
});
