import { expect, it } from "vitest";
import { progressOf } from "../../../renderer/format/progress.ts";

const sizes = { bytesDone: 3, bytesWanted: 10 };

it("is of the wanted bytes once they are known", () => {
  expect(progressOf(sizes)).toEqual({ of: "downloaded", part: 3, whole: 10 });
});

it("is of the metadata until then, and nothing while nobody has said how large that is", () => {
  const none = { bytesDone: 0, bytesWanted: 0 };
  expect(progressOf({ ...none, metadata: { received: 2, size: 5 } })).toEqual({ of: "metadata", part: 2, whole: 5 });
  expect(progressOf({ ...none, metadata: { received: 0, size: 0 } })).toMatchObject({ part: 0, whole: 1 });
});
