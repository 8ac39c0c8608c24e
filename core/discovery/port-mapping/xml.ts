import { type Bytes, KIB } from "../../model/units.ts";

/** An element without its attributes: UPnP puts nothing we need into them. */
export interface XmlElement {
  /** Without its namespace's prefix. */
  readonly name: string;
  /** All text right inside it, entities resolved, trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Descriptions of real routers have up to 40 KiB. */
export const MAX_XML: Bytes = 256 * KIB;
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 5_000;

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", apos: "'", quot: '"' };

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/**
 * Reads a document as a router writes it, in one pass whose cost is linear in its length.
 *
 * Definitions of any kind (`<!DOCTYPE`, `<!ENTITY`) are refused and never looked into, so nothing can be expanded.
 * Attributes are passed over.
 *
 * @returns The outermost element; undefined when it is not well-formed or beyond the limits.
 */
export function readXml(text: string): XmlElement | undefined {
  if (text.length > MAX_XML) return undefined;
  const top: OpenElement = { name: "", text: "", children: [] };
  const open: OpenElement[] = [top];
  let elements = 0;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const inner = open[open.length - 1] as OpenElement;
    if (text[at] !== "<") {
      const end = endOf(text, "<", at, 0);
      inner.text += resolved(text.slice(at, end));
      at = end;
    } else if (text.startsWith("<?", at)) {
      at = endOf(text, "?>", at + 2, 2);
    } else if (text.startsWith("<!--", at)) {
      at = endOf(text, "-->", at + 4, 3);
    } else if (text.startsWith("<![CDATA[", at)) {
      const end = endOf(text, "]]>", at + 9, 3);
      inner.text += text.slice(at + 9, end - 3);
      at = end;
    } else if (text.startsWith("<!", at)) {
      return undefined;
    } else {
      const end = endOfTag(text, at + 1);
      const tag = /^(\/?)(?:[^\s/>:]*:)?([^\s/>:]+)/.exec(text.slice(at + 1, Math.min(end - 1, at + 1 + MAX_NAME)));
      const name = tag?.[2];
      if (end === 0 || name === undefined) return undefined;
      if (tag?.[1] === "/") {
        if (open.length === 1 || name !== inner.name) return undefined;
        close(open);
      } else {
        if (++elements > MAX_ELEMENTS || open.length > MAX_DEPTH) return undefined;
        open.push({ name, text: "", children: [] });
        if (text[end - 2] === "/") close(open);
      }
      at = end;
    }
  }
  const [root, second] = top.children;
  return open.length === 1 && second === undefined && top.text.trim() === "" ? root : undefined;
}

/** Every element of a name inside `element`, at any depth, in the order of the document. */
export function* elementsNamed(element: XmlElement, name: string): Generator<XmlElement> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* elementsNamed(child, name);
  }
}

/** The text of the first element of a name inside `element`, at any depth. */
export function textOf(element: XmlElement, name: string): string | undefined {
  for (const { text } of elementsNamed(element, name)) return text;
  return undefined;
}

/** Text as it may stand between tags. */
export function escapedXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Of a tag's name; longer ones are none. */
const MAX_NAME = 256;

function close(open: OpenElement[]): void {
  const { name, text, children } = open.pop() as OpenElement;
  open[open.length - 1]?.children.push({ name, text: text.trim(), children });
}

/** Where what begins before `from` is over: behind the mark, or with the text. */
function endOf(text: string, mark: string, from: number, length: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + length;
}

/** Behind the `>` of a tag, quotes heeded. @returns 0 when there is none. */
function endOfTag(text: string, from: number): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at + 1;
    else if (character === "<") return 0;
  }
  return 0;
}

/** Replaces the five entities and characters by number; what is no entity stays as it is. */
function resolved(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
