/** How this system writes a key with its command key: `⌘O`, `Ctrl O`. */
export function shortcut(key: string): string {
  return /^Mac/.test(navigator.platform) ? `⌘${key}` : `Ctrl ${key}`;
}

/** Where text is typed, pasted and dropped as text. */
export function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
