/** Control characters and those that turn the direction of text have no place in a row or a log. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** What a stranger says, fit to be shown: on one line, at most `most` characters. @returns Possibly nothing. */
export function plainWords(text: string, most: number): string {
  return text.replace(UNPRINTABLE, " ").trim().slice(0, most);
}
