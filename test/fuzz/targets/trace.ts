import { Bitfield } from "../../../core/model/bitfield.ts";
import { fromLatin1 } from "../../../core/model/bytes.ts";
import { formatLine, fromPlain, parseLine, TraceFault, toPlain } from "../../../core/session/trace/line.ts";
import { claim, pick, type Target } from "../target.ts";

const fields = { pieces: new Bitfield(19), peerId: new Uint8Array(20), nested: [{ a: 1.5, b: null }, "x", true] };
const corpus = [
  { at: 1, line: "input", kind: "received", fields: toPlain(fields) as Record<string, string> },
  { at: 2.5, line: "message", kind: "in", fields: { peer: 1, text: "have 7" } },
  { at: 0, line: "end", kind: "stopped", fields: {} },
] as const;

/** A line of a record is one, and stays what it is, or is refused as none. */
export const traceLine: Target = {
  name: "trace-line",
  share: 30,
  meets: ["line", "fault"],
  tokens: ['{"hex":"', '"hex":"00"', '"bits":-1', '"bits":8', "1e999", "null", "[", "]", "{", "}", '"__proto__":'].map(
    fromLatin1,
  ),
  make: (random) => new TextEncoder().encode(formatLine(pick(random, corpus))),
  judge(input) {
    try {
      const line = parseLine(new TextDecoder().decode(input));
      const values = fromPlain(line.fields);
      const again = JSON.stringify(toPlain(values));
      claim(again === JSON.stringify(toPlain(fromPlain(JSON.parse(again)))), "written again it is another");
      return "line";
    } catch (error) {
      if (error instanceof TraceFault) return "fault";
      throw error;
    }
  },
};
