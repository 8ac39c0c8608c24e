import { expect, test } from "vitest";
import { Turnstile } from "../../../core/runtime/http/turnstile.ts";

test("a turnstile lets so many pass at a time, in their order, also when some fail", async () => {
  const turnstile = new Turnstile(3);
  const begun: number[] = [];
  const ends: ((isGood: boolean) => void)[] = [];
  const works = Array.from({ length: 8 }, (_, n) =>
    turnstile.pass(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(n);
          ends[n] = (isGood) => (isGood ? resolve(n) : reject(new Error(`${n} failed`)));
        }),
    ),
  );
  const results = Promise.allSettled(works);
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1, 2]);
  ends[1]?.(false);
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const n of [0, 2, 3]) ends[n]?.(true);
  await settled();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const n of [4, 5, 6]) ends[n]?.(true);
  await settled();
  ends[7]?.(true);
  expect((await results).map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  // Everybody has left: as many as in the beginning pass.
  for (let n = 0; n < 4; n++) void turnstile.pass(() => new Promise(() => begun.push(100 + n)));
  expect(begun.slice(-3)).toEqual([100, 101, 102]);
});
