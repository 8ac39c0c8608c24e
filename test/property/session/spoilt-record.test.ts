import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeDigest } from "../../../core/runtime/digest.ts";
import { TraceFault } from "../../../core/session/trace/line.ts";
import { Replay } from "../../../core/session/trace/replay.ts";
import { TextTape } from "../../../core/session/trace/text-tape.ts";
import { makeContent } from "../../sim/support/content.ts";
import { isComplete, KIB, MINUTE } from "../../sim/support/measures.ts";
import { World } from "../../sim/support/world.ts";

/** The lines of a small download. */
function record(): string[] {
  const lines: string[] = [];
  const world = new World(1);
  const content = makeContent([300 * KIB], 32 * KIB);
  const [seed, liar] = [world.machine(), world.machine()];
  seed.share(content, { isSeed: true });
  liar.share(content, { isSeed: true, disk: { corrupts: () => true } });
  const machine = world.machine({ tape: new TextTape((text) => lines.push(...text.trimEnd().split("\n"))) });
  machine.knows(machine.share(content), seed, liar);
  world.runUntil(() => isComplete(machine), MINUTE);
  machine.session.stop(world.clock.now);
  return lines;
}

const lines = record();
/** What a value of a line may become. */
const VALUES = [
  "null",
  "-1",
  "0",
  "7",
  "1e300",
  '""',
  '"x"',
  "[]",
  "{}",
  "true",
  '{"hex":"0"}',
  '{"bits":9,"hex":"00"}',
];

test("a record that somebody spoilt is refused, differs, or replays: nothing else happens", () => {
  let refused = 0;
  let different = 0;
  fc.assert(
    fc.property(
      fc.oneof(fc.nat(3), fc.nat(lines.length - 1)),
      fc.nat(40),
      fc.constantFrom(...VALUES, "take", "twice"),
      (number, field, change) => {
        const line = lines[number] as string;
        const values = [...line.matchAll(/(?<=":)("[^"]*"|-?[\d.]+|true|false|\[[^\]]*\])/g)];
        const chosen = values[field % values.length];
        const at = chosen?.index ?? 0;
        const spoilt = line.slice(0, at) + change + line.slice(at + (chosen?.[0].length ?? 0));
        const put = change === "take" ? [] : change === "twice" ? [line, line] : [spoilt];
        const replay = new Replay(nodeDigest);
        try {
          if (lines.toSpliced(number, 1, ...put).every((text) => replay.take(text))) replay.finish();
          if (replay.difference !== undefined) different++;
        } catch (error) {
          expect(error).toBeInstanceOf(TraceFault);
          refused++;
        }
      },
    ),
    { numRuns: 250 },
  );
  expect(refused).toBeGreaterThan(0);
  expect(different).toBeGreaterThan(0);
});
