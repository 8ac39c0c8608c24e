import { readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseSync } from "vite";
import { sourcesIn } from "./sources.js";

/** What the window says is said in every language: no phrase is written where it is used. */

/** Properties and attributes whose text is read by somebody. */
const readable = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "aria-valuetext",
  "description",
  "label",
  "note",
  "placeholder",
  "title",
  "unit",
  "what",
  "words",
]);

/**
 * @param {string} root
 * @returns {string[]} One line a phrase in `renderer/` that is not in `renderer/words/`.
 */
export function findLoosePhrases(root) {
  const words = join(root, "renderer", "words") + sep;
  return sourcesIn(join(root, "renderer"))
    .filter((file) => !file.startsWith(words))
    .flatMap((file) => phrasesIn(relative(root, file).split(sep).join("/"), readFileSync(file, "utf8")));
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
function phrasesIn(path, text) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} phrase @param {number} start */
  const judge = (phrase, start) => {
    if (!/\p{L}{2}/u.test(phrase)) return;
    found.push(`${path}:${text.slice(0, start).split("\n").length}: "${phrase.trim()}" belongs to renderer/words`);
  };
  visit(parseSync(path, text).program, false, judge);
  return found;
}

/**
 * @param {unknown} node Any node of an ESTree with TypeScript's types.
 * @param {boolean} isRead Whether a string here is read by somebody.
 * @param {(phrase: string, start: number) => void} judge
 */
function visit(node, isRead, judge) {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, isRead, judge);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const it = /** @type {Record<string, any>} */ (node);
  switch (it.type) {
    case "JSXText":
      return judge(it.value, it.start);
    case "Literal":
      return isRead && typeof it.value === "string" ? judge(it.value, it.start) : undefined;
    case "TemplateElement":
      return isRead ? judge(it.value.raw, it.start) : undefined;
    case "JSXAttribute":
      return visit(it.value, readable.has(nameOf(it.name)), judge);
    case "Property":
      return visit(it.value, !it.computed && readable.has(nameOf(it.key)), judge);
    case "JSXExpressionContainer":
      // Of an attribute, or between tags.
      return visit(it.expression, isRead, judge);
    case "JSXElement":
    case "JSXFragment":
      visit(it.openingElement?.attributes, false, judge);
      return visit(it.children, true, judge);
    case "ConditionalExpression":
      visit(it.test, false, judge);
      return visit([it.consequent, it.alternate], isRead, judge);
    case "LogicalExpression":
      visit(it.left, isRead && it.operator !== "&&", judge);
      return visit(it.right, isRead, judge);
    case "BinaryExpression":
      return visit([it.left, it.right], isRead && it.operator === "+", judge);
    case "TemplateLiteral":
      visit(it.quasis, isRead, judge);
      return visit(it.expressions, false, judge);
  }
  for (const key of Object.keys(it)) if (key !== "type") visit(it[key], false, judge);
}

/** @param {{ name?: any, value?: unknown, namespace?: { name: string } }} node */
function nameOf(node) {
  return String(typeof node.name === "string" ? node.name : node.value);
}
