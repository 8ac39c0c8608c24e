/** How this system writes a key with its command key: `⌘O`, `Ctrl O`. */
export function shortcut(key: string): string {
  return /^Mac/.test(navigator.platform) ? `⌘${key}` : `Ctrl ${key}`;
}
