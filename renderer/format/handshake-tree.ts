/** A line of a tree: a key with its value, or with more lines beneath it. */
export interface TreeLine {
  readonly depth: number;
  readonly key: string;
  readonly value: string;
}

/**
 * The readable form of an extension handshake (`{m: {ut_pex: 1}, v: "qBittorrent"}`) as lines. What does not look like
 * one is a single line.
 */
export function handshakeTree(text: string): TreeLine[] {
  const lines: TreeLine[] = [];
  let depth = -1;
  let part = "";
  let isQuoted = false;
  const end = () => {
    if (part.trim() !== "") lines.push(lineOf(Math.max(0, depth), part.trim()));
    part = "";
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (isQuoted && character === "\\") part += character + (text[++i] ?? "");
    else if (isQuoted || character === '"') {
      if (character === '"') isQuoted = !isQuoted;
      part += character;
    } else if (character === "{" || character === "[") {
      end();
      depth++;
    } else if (character === "}" || character === "]") {
      end();
      depth--;
    } else if (character === "," && text[i + 1] === " ") end();
    else part += character;
  }
  end();
  return lines;
}

function lineOf(depth: number, part: string): TreeLine {
  const colon = part.indexOf(":");
  if (colon < 0) return { depth, key: "", value: part };
  return { depth, key: part.slice(0, colon), value: part.slice(colon + 1).trim() };
}
