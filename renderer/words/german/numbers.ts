import { counting } from "../counting.ts";

export const { count, countOf } = counting("de-DE");
