import { expect, test } from "vitest";
import type { PeerView } from "../../../core/contract/views.ts";
import { pacedView } from "../../../core/session/watch/peer-pace.ts";

const START = 1_700_000_000_000;
const view = (id: number, downRate: number, peerChokes = false) => ({ id, downRate, peerChokes }) as PeerView;

test("of few peers everything is told at once", () => {
  expect(pacedView(view(1, 9), view(1, 5), START, START + 250, 100)).toEqual(view(1, 9));
});

test("of a crowd each peer's counters are told once a second, and what decides is told at once", () => {
  for (const id of [1, 7, 16, 999]) {
    let told = view(id, 0);
    let toldAt = START;
    const rates: number[] = [];
    for (let step = 1; step <= 40; step++) {
      const now = START + 250 * step;
      const shown = pacedView(view(id, step, step % 2 === 0), told, toldAt, now, 101) as PeerView;
      expect(shown.peerChokes).toBe(step % 2 === 0);
      if (shown.downRate !== told.downRate) rates.push(shown.downRate);
      told = shown;
      toldAt = now;
    }
    expect(rates).toHaveLength(10);
    for (const [i, rate] of rates.entries()) if (i > 0) expect(rate - (rates[i - 1] as number)).toBe(4);
  }
});

test("peers of a crowd take turns", () => {
  const due = Array.from(
    { length: 64 },
    (_, id) => pacedView(view(id, 1), view(id, 0), START, START + 250, 101).downRate,
  );
  expect(due.filter((rate) => rate === 1)).toHaveLength(16);
});
