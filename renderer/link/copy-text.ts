/**
 * Copies as part of the user's gesture. That needs no permission: the desktop grants none, and a browser may ask for one.
 * @throws When the system refuses both this and the asynchronous clipboard.
 */
export async function copyText(text: string): Promise<void> {
  let isCopied = false;
  const fill = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
    isCopied = true;
  };
  document.addEventListener("copy", fill, { capture: true });
  document.execCommand("copy");
  document.removeEventListener("copy", fill, { capture: true });
  if (!isCopied) await navigator.clipboard.writeText(text);
}
