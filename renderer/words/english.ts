import { frame } from "./english/frame.ts";

/** What an area is called here, it is called in every language; a phrase with numbers or names in it is a function. */
export const ENGLISH = { frame };

/** The shape that each language fills: what is missing in one does not compile. */
export type Words = typeof ENGLISH;
