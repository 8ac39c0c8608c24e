/** The words of a search, small. */
export function searchTerms(text: string): string[] {
  return text
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((term) => term !== "");
}

/** Whether each term is somewhere in the texts. */
export function isFound(terms: readonly string[], texts: readonly string[]): boolean {
  const all = texts.join("\n").toLocaleLowerCase();
  return terms.every((term) => all.includes(term));
}

/** A part of a text, and whether a search found it. */
export interface TextPart {
  readonly text: string;
  readonly isHit: boolean;
}

/** The text in parts, those that the terms found marked. */
export function hitsIn(text: string, terms: readonly string[]): TextPart[] {
  const small = text.toLocaleLowerCase();
  // A letter that is two when small would shift what follows: then nothing is marked.
  if (terms.length === 0 || small.length !== text.length) return [{ text, isHit: false }];
  const hits = new Uint8Array(text.length);
  for (const term of terms) {
    for (let at = small.indexOf(term); at >= 0; at = small.indexOf(term, at + 1)) hits.fill(1, at, at + term.length);
  }
  const parts: TextPart[] = [];
  for (let from = 0, to = 0; from < text.length; from = to) {
    while (to < text.length && hits[to] === hits[from]) to++;
    parts.push({ text: text.slice(from, to), isHit: hits[from] === 1 });
  }
  return parts;
}
