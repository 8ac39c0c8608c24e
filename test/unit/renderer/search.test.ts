import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hitsIn, isFound, searchTerms } from "../../../renderer/format/search.ts";

const marked = (text: string, search: string) =>
  hitsIn(text, searchTerms(search))
    .map((part) => (part.isHit ? `[${part.text}]` : part.text))
    .join("");

describe("a search", () => {
  it("wants every word, in any order and size, wherever it is", () => {
    expect(isFound(searchTerms("LIMIT up"), ["Upload limit", "0: no limit"])).toBe(true);
    expect(isFound(searchTerms("limit dht"), ["Upload limit", "0: no limit"])).toBe(false);
    expect(isFound(searchTerms("  "), ["anything"])).toBe(true);
  });

  it("marks what it found, also where words overlap", () => {
    expect(marked("Upload limit", "load lim")).toBe("Up[load] [lim]it");
    expect(marked("banana", "ana nan")).toBe("b[anana]");
    expect(marked("Upload limit", "")).toBe("Upload limit");
    expect(marked("İstanbul limit", "limit")).toBe("İstanbul limit");
  });

  it("loses nothing of the text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, search) => {
        expect(
          hitsIn(text, searchTerms(search))
            .map((part) => part.text)
            .join(""),
        ).toBe(text);
      }),
    );
  });
});
