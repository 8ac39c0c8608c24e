import { describe, expect, it } from "vitest";
import { DEFAULT_PREFERENCES, loadPreferences, savePreferences } from "../../../renderer/store/preferences.ts";

function storageWith(text: string | null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

describe("preferences", () => {
  it("come back as they were kept", () => {
    const storage = storageWith(null);
    savePreferences(storage, { theme: "dark", language: "de", listShare: 0.5 });
    expect(loadPreferences(storage)).toEqual({ theme: "dark", language: "de", listShare: 0.5 });
  });

  it.each([null, "", "{", "7", "null", '{"theme":"pink","language":"toString","listShare":"wide"}'])(
    "are the defaults when %j was kept",
    (text) => {
      expect(loadPreferences(storageWith(text))).toEqual(DEFAULT_PREFERENCES);
    },
  );

  it("stay within their limits whatever was kept", () => {
    expect(loadPreferences(storageWith('{"listShare":9}')).listShare).toBe(0.8);
  });
});
