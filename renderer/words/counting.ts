/** Numbers as one language writes them, for the phrases that have some in them. */
export function counting(locale: string) {
  const numbers = new Intl.NumberFormat(locale);
  /** `12,345`. */
  const count = (value: number): string => numbers.format(value);
  /** `1 peer`, `23 peers`. */
  const countOf = (value: number, one: string, many: string): string => `${count(value)} ${value === 1 ? one : many}`;
  return { count, countOf };
}
