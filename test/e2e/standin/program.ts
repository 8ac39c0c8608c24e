import { readFileSync, statSync } from "node:fs";
import inspector from "node:inspector";
import Module, { register } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { debuggerAddress } from "./chromium.ts";
import * as electron from "./electron.ts";

/**
 * The program that stands in for Electron's binary: starts an application's ordinary main module, whose `electron`
 * is then ours. Says on standard error where both sides may be debugged, as Playwright expects of the real one.
 */

/** Meant for Chromium or Node, not for the application. */
const CHROMIUM_OPTION = /^--(inspect|remote-debugging-port|no-sandbox)\b/;
const { app } = electron;
const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const [folder = ".", ...rest] = process.argv.slice(2).filter((argument) => !CHROMIUM_OPTION.test(argument));

provideElectron();
process.on("SIGTERM", () => app.quit());
process.on("SIGINT", () => app.quit());
if (options.includes("--inspect=0")) inspector.open(0, "127.0.0.1");
process.argv = [process.execPath, folder, ...rest];
await import(pathToFileURL(mainModule(resolve(folder))).href);
app.becomeReady();
if (options.includes("--remote-debugging-port=0")) {
  console.error(`DevTools listening on ${await debuggerAddress(app.getPath("userData"))}`);
}

function mainModule(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  return join(path, JSON.parse(readFileSync(join(path, "package.json"), "utf8")).main);
}

/** By `import`, and by `require` for who debugs the application. */
function provideElectron(): void {
  Object.assign(globalThis, { standinElectron: electron });
  const source = `export const { ${Object.keys(electron).join(", ")} } = globalThis.standinElectron;`;
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  const hook = `export const resolve = (name, context, next) =>
    name === "electron" ? { url: ${JSON.stringify(url)}, shortCircuit: true } : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  const loader = Module as unknown as { _load(name: string, ...given: unknown[]): unknown };
  const load = loader._load;
  loader._load = (name, ...given) => (name === "electron" ? electron : load.call(loader, name, ...given));
}
