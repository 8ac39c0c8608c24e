import type { KeyboardEvent } from "react";

/** @param from - −1: none is chosen yet. @returns The row that a key leads to; undefined for a key that leads to none. */
export function targetRow(key: string, from: number, count: number, page: number): number | undefined {
  const limited = (index: number) => Math.min(count - 1, Math.max(0, index));
  if (key === "ArrowDown") return limited(from + 1);
  if (key === "ArrowUp") return limited(from < 0 ? 0 : from - 1);
  if (key === "Home") return 0;
  if (key === "End") return limited(count - 1);
  if (key === "PageDown") return limited(from + page);
  if (key === "PageUp") return limited(from - page);
  return undefined;
}

/** Moves the focus between a row's stops; before the first one is the grid itself. */
export function moveWithin(grid: HTMLElement | null, rowId: string, step: 1 | -1): void {
  const row = document.getElementById(rowId);
  if (grid === null || row === null) return;
  const stops = [...row.querySelectorAll<HTMLElement>("[data-stop]")];
  const next = stops.indexOf(document.activeElement as HTMLElement) + step;
  (next < 0 ? grid : (stops[Math.min(next, stops.length - 1)] ?? grid)).focus();
}

/**
 * The arrow up from the first row leads to the heads, where they can be focused; left and right lead from one to the
 * next, and down or Escape back.
 * @returns Whether the key meant that.
 */
export function moveBetweenHeads(grid: HTMLElement | null, { key, target }: KeyboardEvent): boolean {
  const heads = [...(grid?.querySelectorAll<HTMLElement>("[data-head]") ?? [])];
  const place = heads.indexOf(target as HTMLElement);
  if (place >= 0) {
    if (key === "ArrowDown" || key === "Escape") grid?.focus();
    else if (key === "ArrowRight") heads[place + 1]?.focus();
    else if (key === "ArrowLeft") heads[place - 1]?.focus();
    else return false;
    return true;
  }
  if (key !== "ArrowUp" || target !== grid || heads.length === 0) return false;
  const active = grid?.getAttribute("aria-activedescendant");
  // A row out of sight does not exist, and is not the first on screen either.
  if (active != null && document.getElementById(active)?.dataset.row !== "0") return false;
  heads[0]?.focus();
  return true;
}
