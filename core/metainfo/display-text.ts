/** Characters that draw nothing or change how others are drawn: the tools of names that lie. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|\u034f|\u17b4|\u17b5|\u180b|\u180c|\u180d|\u180e|\u180f|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Most characters of a comment or a client's name that anybody is shown. */
const MAX_LENGTH = 4096;

/** @returns `text` without control, bidirectional and zero-width characters. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, "");
}

/** Text from a stranger as one line for the eye: white space joined, invisible characters out, cut. */
export function displayText(text: string): string {
  const shown = withoutInvisible(text.slice(0, MAX_LENGTH).replace(/\s+/g, " ")).trim();
  return shown.toWellFormed();
}
