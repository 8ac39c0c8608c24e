import { afterEach, describe, expect, it } from "vitest";
import { firstSpoken, LANGUAGES, say, speak } from "../../../renderer/words/say.ts";

afterEach(() => speak("en"));

describe("the interface's languages", () => {
  it("is the first wanted one that is spoken, English otherwise", () => {
    expect(firstSpoken(["fr-CH", "de-AT", "en-GB"])).toBe("de");
    expect(firstSpoken(["EN"])).toBe("en");
    expect(firstSpoken(["toString", ""])).toBe("en");
    expect(firstSpoken([])).toBe("en");
  });

  it("changes what is said from then on", () => {
    speak("de");
    expect(say).toBe(LANGUAGES.de);
  });
});
