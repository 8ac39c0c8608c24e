import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import react from "@vitejs/plugin-react";
import { build } from "vite";

/**
 * What ships, and how each is bundled. Everything is bundled: `dist/` runs without `node_modules`.
 * The desktop's Electron brings a newer Node, but the same files also run on Node 20 in tests.
 */

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** @typedef {{ entry: string, out: string, format: "es" | "cjs" }} NodeBundle */

/** @type {NodeBundle[]} */
const nodeBundles = [
  { entry: "core/host/cli.ts", out: "cli.js", format: "es" },
  { entry: "core/runtime/disk/disk-worker.ts", out: "disk-worker.js", format: "es" },
  { entry: "electron/main.ts", out: "electron/main.js", format: "es" },
  { entry: "electron/engine-thread.ts", out: "electron/engine-thread.js", format: "es" },
  // A sandboxed preload is CommonJS and may require nothing but `electron`.
  { entry: "electron/preload.ts", out: "electron/preload.cjs", format: "cjs" },
];

/** @param {NodeBundle} bundle */
export async function bundleForNode(bundle) {
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    // Everything from npm goes into the bundle; Node's own modules stay imports by themselves.
    ssr: { noExternal: true, target: "node" },
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      ssr: join(root, bundle.entry),
      target: "node20",
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      rolldownOptions: {
        external: ["electron", "playwright-core"],
        output: { format: bundle.format, entryFileNames: bundle.out, codeSplitting: false },
      },
    },
  });
}

/** Which country an address is in: read by the engine when an interface first shows peers. */
async function copyCountries() {
  await mkdir(dist, { recursive: true });
  await copyFile(
    join(root, "node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb"),
    join(dist, "country.mmdb"),
  );
}

/** No inline scripts, nothing as `data:`: the page runs under `script-src 'self'` with Trusted Types. */
async function bundleRenderer() {
  await build({
    configFile: false,
    root: join(root, "renderer"),
    base: "./",
    logLevel: "warn",
    plugins: [react()],
    build: {
      target: "es2023",
      outDir: join(dist, "renderer"),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2048,
    },
  });
}

/**
 * Builds all of `dist/`; what can be built is, even when another part can't.
 * @returns {Promise<string[]>} What went wrong, one text a part that failed.
 */
export async function bundleAll() {
  const started = performance.now();
  const results = await Promise.allSettled([...nodeBundles.map(bundleForNode), bundleRenderer(), copyCountries()]);
  console.log(`build: dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return results.flatMap((result) =>
    result.status === "fulfilled"
      ? []
      : [result.reason instanceof Error ? result.reason.message : String(result.reason)],
  );
}
