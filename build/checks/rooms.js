import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { parseSync } from "vite";
import { sourcesIn } from "./sources.js";

/**
 * The house rule: which room may import which, which packages belong to which room, and that the heart is
 * deterministic. Type-only imports count. Do not relax these rules; move the code.
 */

/** Each room and the rooms it may import, its own aside. A file is in the room with the longest matching path. */
const rooms = {
  "core/model": [],
  "core/metainfo": ["core/model"],
  "core/wire": ["core/model"],
  "core/mse": ["core/model"],
  "core/utp": ["core/model"],
  "core/discovery": ["core/model"],
  "core/dht": ["core/model"],
  "core/contract": ["core/model"],
  "core/peer": below("peer"),
  "core/swarm": below("swarm"),
  "core/session": [...below("session"), "core/contract"],
  "core/runtime": [...below("runtime"), "core/contract"],
  "core/host": [...below("host"), "core/contract"],
  electron: ["core/model", "core/contract", "core/runtime", "core/host"],
  renderer: ["core/model", "core/contract"],
};

/** Rooms with sockets, files, clocks and chance; the rest of `core` has none of them. */
const roomsOfTheWorld = ["core/runtime", "core/host", "electron"];
/** Rooms for which the world's globals are checked here; the renderer lives in a browser. */
const deterministicRooms = Object.keys(rooms).filter(
  (room) => room.startsWith("core/") && !roomsOfTheWorld.includes(room),
);

/** Which rooms, or single files, may import a package. What isn't listed may be imported nowhere. */
const packages = {
  bencode: ["core/model/bencode.ts"],
  "@msgpack/msgpack": ["core/contract"],
  valibot: ["core/contract", "core/runtime", "core/host", "electron"],
  undici: ["core/runtime", "core/host"],
  ws: ["core/host"],
  "mmdb-lib": ["core/runtime"],
  electron: ["electron"],
  react: ["renderer"],
  "react-dom": ["renderer"],
  zustand: ["renderer"],
  "@base-ui/react": ["renderer"],
  "@tanstack/react-virtual": ["renderer"],
  "lucide-react": ["renderer"],
  uplot: ["renderer"],
  "country-flag-icons": ["renderer"],
  "@fontsource-variable/inter": ["renderer"],
};

/** @param {string} room */
function below(room) {
  const order = [
    ["model"],
    ["metainfo", "wire", "mse", "utp", "discovery", "dht"],
    ["peer"],
    ["swarm"],
    ["session"],
    ["runtime"],
    ["host"],
  ];
  const level = order.findIndex((names) => names.includes(room));
  return order.slice(0, level).flatMap((names) => names.map((name) => `core/${name}`));
}

/**
 * @param {string} path Relative to the checkout, `/` between parts.
 * @returns {string | undefined}
 */
function roomOf(path) {
  return Object.keys(rooms)
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * Reads every source of `core/`, `electron/` and `renderer/` under `root`.
 * @param {string} root
 * @returns {string[]} One line a breach, naming file, line and rule.
 */
export function findBreaches(root) {
  return ["core", "electron", "renderer"]
    .flatMap((folder) => sourcesIn(join(root, folder)))
    .flatMap((file) => breachesIn(relative(root, file).split(sep).join("/"), readFileSync(file, "utf8")));
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
function breachesIn(path, text) {
  const room = roomOf(path);
  const parsed = parseSync(path, text);
  const error = parsed.errors[0];
  if (error !== undefined) return [`${path}: ${error.message}`];
  /** @type {string[]} */
  const breaches = [];
  /** @param {number} start @param {string} words */
  const report = (start, words) => breaches.push(`${path}:${text.slice(0, start).split("\n").length}: ${words}`);
  if (room === undefined) report(0, "lies in no room");
  else {
    visit(parsed.program, {
      imported: (source, start) => {
        const words = importFault(path, room, source);
        if (words !== undefined) report(start, words);
      },
      named: (name, start) => {
        if (!deterministicRooms.includes(room)) return;
        report(start, `${room} is deterministic: ${name} comes in as an argument`);
      },
    });
  }
  return breaches;
}

/**
 * @param {string} path
 * @param {string} room
 * @param {string | undefined} source Undefined when it is computed.
 * @returns {string | undefined} What is wrong with it.
 */
function importFault(path, room, source) {
  if (source === undefined) return "imports a computed name";
  if (source.startsWith(".")) {
    const target = posix.join(dirname(path).split(sep).join("/"), source.split("?")[0] ?? source);
    const targetRoom = roomOf(target);
    if (targetRoom === room) return undefined;
    if (targetRoom === undefined) return `${room} may not import ${target}, which lies in no room`;
    /** @type {readonly string[]} */
    const allowed = rooms[/** @type {keyof typeof rooms} */ (room)];
    return allowed.includes(targetRoom) ? undefined : `${room} may not import ${targetRoom} (${target})`;
  }
  if (isBuiltin(source)) {
    return roomsOfTheWorld.includes(room) ? undefined : `${room} may not import ${source}: it belongs to core/runtime`;
  }
  const name = source
    .split("/")
    .slice(0, source.startsWith("@") ? 2 : 1)
    .join("/");
  /** @type {Record<string, string[]>} */
  const table = packages;
  const owners = Object.hasOwn(table, name) ? table[name] : undefined;
  if (owners === undefined) return `${name} belongs to no room`;
  return owners.includes(room) || owners.includes(path) ? undefined : `${room} may not import ${name}`;
}

/** Names of clocks and chance. `Math` by itself may be a way to its `random`; `globalThis` is a way to all of them. */
const worldly = ["Date", "performance", "crypto", "globalThis", "Math"];

/**
 * @typedef {{ imported: (source: string | undefined, start: number) => void, named: (name: string, start: number) => void }} Visitor
 * @param {unknown} node Any node of an ESTree with TypeScript's types.
 * @param {Visitor} visitor
 */
function visit(node, visitor) {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, visitor);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const it = /** @type {Record<string, any>} */ (node);
  switch (it.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType": {
      const source = it.source ?? undefined;
      if (source !== undefined) visitor.imported(typeof source.value === "string" ? source.value : undefined, it.start);
      break;
    }
    case "MemberExpression":
      if (it.computed) break;
      if (it.object.name === "Math" && it.property.name !== "random") return;
      return visit(it.object, visitor);
    case "Property":
      if (!it.computed) return visit(it.value, visitor);
      break;
    case "Identifier":
      if (worldly.includes(it.name)) visitor.named(it.name === "Math" ? "Math.random" : it.name, it.start);
      break;
  }
  for (const key of Object.keys(it)) if (key !== "type") visit(it[key], visitor);
}
