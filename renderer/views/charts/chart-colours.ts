import type { HistorySeries } from "../../../core/contract/views.ts";

/** Tokens, and a dash each, so that lines differ without colour, too. */
const LOOKS: Record<HistorySeries, readonly [token: string, dash: readonly number[]]> = {
  down: ["--accent", []],
  up: ["--violet", [6, 3]],
  seeds: ["--good", []],
  leechers: ["--accent", [6, 3]],
  connecting: ["--warn", [2, 3]],
  known: ["--calm", [8, 3, 2, 3]],
  hashing: ["--accent", []],
  reading: ["--violet", [6, 3]],
  orders: ["--warn", [2, 3]],
  memory: ["--accent", []],
  heap: ["--violet", [6, 3]],
  pool: ["--good", [2, 3]],
};

export function dashOf(name: HistorySeries): number[] {
  return [...LOOKS[name][1]];
}

/** What a canvas can paint with: a token is a pair for light and dark, which only an element resolves. */
export function colourReader(element: HTMLElement): (token: string) => string {
  const probe = document.createElement("span");
  element.append(probe);
  return (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
}

export function tokenOf(name: HistorySeries): string {
  return LOOKS[name][0];
}
