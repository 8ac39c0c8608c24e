import { describe, expect, it } from "vitest";
import {
  DEFAULT_PREFERENCES,
  loadPreferences,
  type Preferences,
  savePreferences,
} from "../../../renderer/store/preferences.ts";

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
    const kept: Preferences = {
      theme: "dark",
      language: "de",
      listShare: 0.5,
      tables: {
        peers: {
          order: ["client", "address"],
          shown: { peerId: true },
          widths: { client: 220 },
          sort: { column: "down", descending: true },
        },
      },
      flagStyle: "words",
      foldedPeers: ["gone"],
    };
    savePreferences(storage, kept);
    expect(loadPreferences(storage)).toEqual(kept);
  });

  it.each([null, "", "{", "7", "null", '{"theme":"pink","language":"toString","listShare":"wide"}'])(
    "are the defaults when %j was kept",
    (text) => {
      expect(loadPreferences(storageWith(text))).toEqual(DEFAULT_PREFERENCES);
    },
  );

  it("take of a table's layout what is sound", () => {
    const kept = {
      tables: {
        peers: {
          order: ["client", 7, "x".repeat(100)],
          shown: { flags: "no", client: false },
          widths: { client: -4, flags: 1e9, address: 120, host: "wide" },
          sort: { column: 3 },
        },
        torrents: 9,
      },
      flagStyle: "smoke",
    };
    const { tables, flagStyle } = loadPreferences(storageWith(JSON.stringify(kept)));
    expect(tables).toEqual({
      peers: { order: ["client"], shown: { client: false }, widths: { address: 120 } },
      torrents: {},
    });
    expect(flagStyle).toBe("letters");
  });

  it("stay within their limits whatever was kept", () => {
    expect(loadPreferences(storageWith('{"listShare":9}')).listShare).toBe(0.8);
  });
});
