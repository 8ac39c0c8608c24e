import { say } from "../words/say.ts";

const names = new Map<string, Intl.DisplayNames>();

/** The name of a country in the interface's language. @param code - ISO 3166-1 alpha-2. */
export function countryName(code: string): string {
  const { locale } = say.values;
  let inLanguage = names.get(locale);
  if (inLanguage === undefined) {
    inLanguage = new Intl.DisplayNames(locale, { type: "region" });
    names.set(locale, inLanguage);
  }
  return inLanguage.of(code) ?? code;
}
