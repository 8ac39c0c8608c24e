import { ENGLISH, type Words } from "./english.ts";
import { GERMAN } from "./german.ts";

/** Languages that the interface speaks, by their BCP 47 tags. */
export const LANGUAGES = { en: ENGLISH, de: GERMAN } as const satisfies Record<string, Words>;
export type Language = keyof typeof LANGUAGES;

/**
 * Every phrase of the interface, in the language that it speaks. Look phrases up where they are used, never once for
 * all: a constant of a module would keep the language that was spoken when it was loaded.
 */
export let say: Words = ENGLISH;

/** From now on; what is on screen must be drawn anew. */
export function speak(language: Language): void {
  say = LANGUAGES[language];
}

/** The first language of `wanted` that the interface speaks (tags as in `navigator.languages`); English otherwise. */
export function firstSpoken(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(LANGUAGES, language)) return language as Language;
  }
  return "en";
}
