import { expect, test } from "vitest";
import { ItemStore } from "../../../core/dht/item-store.ts";

const target = (number: number) => new Uint8Array(20).fill(number);
const item = { value: Uint8Array.of(0x30, 0x3a) };

test("a value that a stranger puts again stays with who put it first, and is not pushed out in its place", () => {
  const store = new ItemStore();
  store.put(target(255), item, undefined, "owner", 0);
  store.put(target(255), item, undefined, "stranger", 1);
  for (let number = 0; number < 60; number++) store.put(target(number), item, undefined, "stranger", 2);
  expect(store.find(target(255))).toMatchObject(item);
  expect(store.count).toBe(51);
});
