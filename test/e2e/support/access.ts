import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { InterfaceWindow } from "./window.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 A and AA, and what is good practice besides. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * What keeps somebody from using what is on screen, in light and in dark: one line a rule and element, none when all
 * is well.
 */
export async function barriersIn({ page }: InterfaceWindow): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours change in the frame after the one that brought the scheme.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    found.push(...(await audit(page)).map((line) => `${colorScheme}: ${line}`));
  }
  return found;
}

/** By the developer tools: the page's own policy lets no foreign script in. */
async function audit(page: InterfaceWindow["page"]): Promise<string[]> {
  const devTools = await page.context().newCDPSession(page);
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = await devTools.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "the audit failed");
    return result.value as unknown;
  };
  if ((await evaluate("typeof axe")) !== "object") await evaluate(`${axe}; undefined`);
  const options = {
    runOnly: RULES,
    resultTypes: ["violations"],
    // Menus and hints float over the page and belong to none of its regions.
    rules: { region: { enabled: false } },
  };
  const results = (await evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  await devTools.detach();
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) => `${id}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ")}`,
    ),
  );
}
