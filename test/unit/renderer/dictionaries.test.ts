import { describe, expect, it } from "vitest";
import { CLOSE_REASONS } from "../../../core/model/close-reason.ts";
import { PEER_FLAGS } from "../../../core/model/peer-flags.ts";
import { ENGLISH } from "../../../renderer/words/english.ts";
import { GERMAN } from "../../../renderer/words/german.ts";

type Phrase = string | ((...given: never[]) => string);

/** Every phrase by its path, `frame.settings`; those with something in them are filled with digits, which pass for numbers and for names. */
function phrasesOf(words: object, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(words) as [string, Phrase | object][]) {
    const here = path === "" ? name : `${path}.${name}`;
    if (typeof value === "string") found.set(here, value);
    else if (typeof value === "function") {
      // What looks its phrase up by what it is given has none for digits.
      const phrase: unknown = filled(value as (...given: string[]) => string);
      if (typeof phrase === "string") found.set(here, phrase);
    } else for (const [deeper, phrase] of phrasesOf(value, here)) found.set(deeper, phrase);
  }
  return found;
}

const filled = (phrase: (...given: string[]) => string) => phrase(...Array.from({ length: phrase.length }, () => "7"));

const english = phrasesOf(ENGLISH);
const german = phrasesOf(GERMAN);

/** Single words may be the same in both: names, units, what the field calls so everywhere. Sentences may not, but these. */
const SHARED = new Set([
  "frame.version",
  "peer.bits.dht",
  "peers.filterHint",
  "peers.filterKeys.via",
  "trackers.addressesExample",
  "values.stateWithShare",
  "values.supports.dht",
]);
/** Two words or more. */
const isSentence = (phrase: string) => (phrase.match(/\p{L}{2,}/gu) ?? []).length >= 2;

describe("the dictionaries", () => {
  it("have the same phrases", () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("leave no phrase empty that the other says, and none with a hole in it", () => {
    for (const [name, phrase] of german) {
      expect([name, phrase === ""]).toEqual([name, english.get(name) === ""]);
      for (const said of [phrase, english.get(name)])
        expect([name, said]).not.toEqual([name, expect.stringMatching(/undefined|NaN|\[object/)]);
    }
  });

  it("say no sentence the same, but those that both languages share", () => {
    const same = [...german].filter(([name, phrase]) => isSentence(phrase) && phrase === english.get(name));
    expect(same.filter(([name]) => !SHARED.has(name))).toEqual([]);
  });

  it("have words for every flag and every reason", () => {
    for (const { letter } of PEER_FLAGS) {
      expect([letter, ENGLISH.values.flags[letter], GERMAN.values.flags[letter]]).not.toContain(undefined);
    }
    for (const reason of Object.keys(CLOSE_REASONS)) expect(german.get(`values.reasons.${reason}`)).toMatch(/^\p{L}/u);
  });

  it("end no sentence twice", () => {
    for (const [name, phrase] of [...english, ...german])
      expect([name, phrase]).not.toEqual([name, expect.stringMatching(/\.\.| {2}/)]);
  });
});
