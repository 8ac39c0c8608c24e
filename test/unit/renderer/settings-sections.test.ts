import { afterEach, describe, expect, it } from "vitest";
import { isFound, searchTerms } from "../../../renderer/format/search.ts";
import { SECTION_IDS, settingsSections } from "../../../renderer/views/settings/sections.ts";
import { speak } from "../../../renderer/words/say.ts";
import { FakeEngine } from "./fake-engine.ts";

const { session } = new FakeEngine(0);
const rows = () => settingsSections(session).flatMap((section) => section.rows);
const found = (search: string) =>
  rows()
    .filter(({ label, note }) => isFound(searchTerms(search), [label, note]))
    .map(({ label }) => label);

afterEach(() => speak("en"));

describe("the settings", () => {
  it("have everything that the engine can be told", () => {
    const offered = rows().map(({ control }) => (control.kind === "preference" ? "" : control.setting));
    const told = Object.keys(session.settings).filter((setting) => setting !== "bindHost");
    expect([...new Set(offered)].filter((setting) => setting !== "").sort()).toEqual(told.sort());
  });

  it("have the look, the language and the flags besides", () => {
    const offered = rows().flatMap(({ control }) => (control.kind === "preference" ? control.preference : []));
    expect(offered.sort()).toEqual(["flagStyle", "language", "theme"]);
  });

  it("stand under every subject, and each is named once", () => {
    expect(settingsSections(session).map(({ id, rows: all }) => [id, all.length > 0])).toEqual(
      SECTION_IDS.map((id) => [id, true]),
    );
    const labels = rows().map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it("are found by their words, in the language that is spoken", () => {
    expect(found("tortoise")).toEqual(["Alternative limits"]);
    expect(found("encryption peer")).toEqual(["Encryption when a peer connects to us"]);
    speak("de");
    expect(found("Schildkröte")).toEqual(["Ersatzgrenzen"]);
    expect(found("tortoise")).toEqual([]);
  });
});
