/** How often the outside world is asked; it can't tell us by itself. */
const PERIOD = 50;

/**
 * Asks until the answer is true. For other programs, that tell nothing by themselves; the test's own time limit ends it.
 * @param signal - Ends the asking when the test does.
 */
export async function until(question: () => boolean | Promise<boolean>, signal?: AbortSignal): Promise<void> {
  while (!(await question())) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, PERIOD));
  }
}
