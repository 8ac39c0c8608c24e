import type { Words } from "./english.ts";
import { frame } from "./german/frame.ts";

export const GERMAN: Words = { frame };
