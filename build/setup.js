import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";

/**
 * From a fresh clone to something that runs: the right Node, the packages of the lock file, a current `dist/`.
 * Needs no package itself. Each step does nothing when there is nothing to do.
 */

/** The checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const OLDEST_NODE = [20, 19];
/** What `dist/` was built from, as a hash; written last, so a broken build is built again. */
const stampFile = join(root, "dist", ".built-from");
const sources = ["core", "electron", "renderer", "build/bundle.js", "package-lock.json"];

/** @returns {string | undefined} What is wrong with this Node, in words. */
export function nodeProblem(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Peerscope needs Node ${OLDEST_NODE.join(".")} or newer; this is ${version}.`;
}

/**
 * Compares what npm says it installed with the lock file.
 * @returns {string | undefined} Why an install is due, or undefined when all is there.
 */
export function staleDependency(folder = root) {
  const locked = readPackages(join(folder, "package-lock.json"));
  if (locked === undefined) return "package-lock.json can't be read";
  const installed = readPackages(join(folder, "node_modules", ".package-lock.json"));
  if (installed === undefined) return "nothing is installed yet";
  for (const [path, entry] of Object.entries(locked)) {
    if (path === "") continue;
    const version = installed[path]?.version;
    // Optional packages are often for other systems, and absent for a reason.
    if (version === undefined && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (version !== entry.version) return `${path} is ${version ?? "absent"}, the lock file says ${entry.version}`;
    if (!existsSync(join(folder, path))) return `${path} is absent`;
  }
  return undefined;
}

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

function installDependencies() {
  const reason = staleDependency();
  if (reason === undefined) return;
  console.log(`setup: installing packages (${reason})`);
  // No package needs its install script: Electron fetches its binary when it is first wanted.
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const result = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, encoding: "utf8", stdio: ["ignore", "inherit", "pipe"] })
    : spawnSync("npm", args, {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "inherit", "pipe"],
        // npm is a script on Windows, and only a shell starts those; the arguments are ours alone.
        shell: process.platform === "win32",
      });
  if (result.status === 0) return;
  throw new SetupError(installProblem(result.error?.message ?? result.stderr ?? ""));
}

/**
 * @param {string} output What npm wrote to standard error.
 * @returns {string} What went wrong and what to do, in words.
 */
export function installProblem(output) {
  const code = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/.exec(
    output,
  );
  if (code !== null) {
    return `The packages could not be installed: the npm registry can't be reached (${code[1]}). Connect to the network (or set npm's registry or proxy), then run the same command again.`;
  }
  if (/\bE40[134]\b/.test(output)) {
    return `The packages could not be installed: the npm registry refused one.\n${output.trim()}`;
  }
  if (/\bENOSPC\b/.test(output)) return "The packages could not be installed: the disk is full.";
  if (/\b(EACCES|EPERM|EROFS)\b/.test(output)) {
    return `The packages could not be installed: ${root} can't be written to.\n${output.trim()}`;
  }
  return `The packages could not be installed. npm said:\n${output.trim() || "nothing"}`;
}

/** @returns {string} A hash of every source file's path and content. */
function hashSources() {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0] ?? "");
  /** @type {string[]} */
  const files = [];
  /** @param {string} path */
  const collect = (path) => {
    if (!existsSync(path)) return;
    if (/\.(ts|tsx|js|json|css|html|svg|png|woff2|mmdb)$/.test(path)) files.push(path);
    else for (const entry of readdirSync(path)) collect(join(path, entry));
  };
  for (const source of sources) collect(join(root, source));
  for (const file of files.sort()) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/** @returns {string | undefined} */
function builtFrom() {
  try {
    return readFileSync(stampFile, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {boolean} always Also when nothing changed. */
async function buildSources(always) {
  const current = hashSources();
  if (!always && builtFrom() === current) return;
  const { bundleAll } = await import("./bundle.js");
  const faults = await bundleAll();
  if (faults.length > 0)
    throw new SetupError(`The sources could not be built.\n${stripVTControlCharacters(faults.join("\n"))}`);
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(stampFile, current);
}

/** Something about this machine that the user can mend; its message is all there is to say. */
export class SetupError extends Error {}

/**
 * Does what is due and says so.
 * @param {{ rebuild?: boolean }} [options]
 * @throws {SetupError} With what to do about it.
 */
export async function setUp(options = {}) {
  const problem = nodeProblem();
  if (problem !== undefined) throw new SetupError(problem);
  installDependencies();
  await buildSources(options.rebuild ?? false);
}

/**
 * Runs `main` as a program: what the user can mend is said in words and ends with status 1.
 * @param {() => Promise<number>} main Returns the exit status.
 */
export async function runAsProgram(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runAsProgram(async () => {
    await setUp({ rebuild: process.argv.includes("--rebuild") });
    return 0;
  });
}
