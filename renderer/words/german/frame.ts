import type { Words } from "../english.ts";

export const frame: Words["frame"] = {
  settings: "Einstellungen",
};
