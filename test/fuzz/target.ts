import { type Random, randomBelow, seededRandom } from "../../core/model/random.ts";
import { mutate } from "./mutate.ts";

/** Something that takes bytes from strangers. */
export interface Target {
  /** Also the name of the folder of its regressions. */
  readonly name: string;
  /** Its part of a run, in inputs of a thousand: what is cheap gets the most. */
  readonly share: number;
  /** Outcomes that {@link TRIED_BY_TEST} inputs reach; without them the fuzz would get nowhere. */
  readonly meets: readonly string[];
  /** What its language is made of: put in between by mutation. */
  readonly tokens?: readonly Uint8Array[];
  /** A sensible input; mutation comes after it. */
  make(random: Random): Uint8Array;
  /**
   * Takes any input, and must end.
   * @returns What came of it, for the count.
   * @throws When what must hold did not.
   */
  judge(input: Uint8Array): Outcome | Promise<Outcome>;
}

export type Outcome = string | readonly string[];

/** `npm test` tries so many inputs of each target, times its share. */
export const TRIED_BY_TEST = 60;

/** Inputs that one source of chance makes: a worker takes so many at a time. */
export const BATCH = 500;

/** The inputs of one batch, the same for the same seed on every machine. */
export function* inputsOf(target: Target, seed: number, batch: number): Generator<Uint8Array> {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) + Math.imul(batch + 1, 0x85ebca6b));
  for (let i = 0; i < BATCH; i++) {
    const made = target.make(random);
    yield randomBelow(random, 4) === 0 ? made : mutate(random, made, target.tokens);
  }
}

/** @throws When it does not hold; a template is only made then. */
export function claim(holds: boolean, words: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof words === "string" ? words : words());
}

/** Chance that depends on the input alone, so that an input that was kept is judged as it was. */
export function chanceOf(input: Uint8Array): Random {
  let mix = 0x811c9dc5;
  for (const value of input) mix = Math.imul(mix ^ value, 0x01000193);
  return seededRandom(mix);
}

/** `bytes` cut at random places into parts of `most` bytes at most. */
export function* cut(random: Random, bytes: Uint8Array, most: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + randomBelow(random, most));
    yield bytes.subarray(at, end);
    at = end;
  }
}

export function pick<T>(random: Random, choices: readonly [T, ...T[]] | readonly T[]): T {
  return choices[randomBelow(random, choices.length)] as T;
}
