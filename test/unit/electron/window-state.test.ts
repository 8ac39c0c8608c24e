import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepWindowState, placeWindow, readWindowState } from "../../../electron/window-state.ts";

const screen = { x: 0, y: 0, width: 1920, height: 1040 };
const bounds = { x: 100, y: 50, width: 1000, height: 700 };

test("the window's place is kept and read again", () => {
  const folder = mkdtempSync(join(tmpdir(), "peerscope-window-"));
  const file = join(folder, "window.json");
  expect(readWindowState(file)).toBeUndefined();
  keepWindowState(file, { bounds, isMaximized: true });
  expect(readWindowState(file)).toEqual({ bounds, isMaximized: true });
  for (const broken of ["", "{", "null", '{"bounds":{"x":1},"isMaximized":true}', '{"isMaximized":false}', "[]"]) {
    writeFileSync(file, broken);
    expect(readWindowState(file)).toBeUndefined();
  }
  rmSync(folder, { recursive: true });
});

test("the window opens where it was", () => {
  expect(placeWindow({ bounds, isMaximized: false }, [screen])).toEqual(bounds);
});

test("the first time it has a size and the system chooses the place", () => {
  expect(placeWindow(undefined, [screen])).toEqual({ width: 1280, height: 820 });
});

test("a window on a screen that is gone comes back, no larger than what is there", () => {
  const far = { x: 5000, y: 0, width: 4000, height: 3000 };
  expect(placeWindow({ bounds: far, isMaximized: false }, [screen])).toEqual({ width: 1920, height: 1040 });
});

test("a window whose title bar would be out of reach is not put there", () => {
  const above = { ...bounds, y: -300 };
  expect(placeWindow({ bounds: above, isMaximized: false }, [screen])).toEqual({ width: 1000, height: 700 });
});
