import { describe, expect, it } from "vitest";
import { ByteQueue } from "../../../core/utp/byte-queue.ts";

describe("the byte queue", () => {
  it("gives bytes in their order, across the pieces they came in, and releases each piece once it is used up", () => {
    const queue = new ByteQueue();
    const released: string[] = [];
    queue.push(Uint8Array.of(1, 2, 3), () => released.push("first"));
    queue.push(Uint8Array.of(), () => released.push("empty"));
    queue.push(Uint8Array.of(4, 5), () => released.push("second"));
    expect([queue.length, released]).toEqual([5, ["empty"]]);
    const target = new Uint8Array(5);
    queue.take(target, 1, 2);
    expect(released).toEqual(["empty"]);
    queue.take(target, 3, 2);
    expect([...target]).toEqual([0, 1, 2, 3, 4]);
    expect([queue.length, released]).toEqual([1, ["empty", "first"]]);
    queue.take(target, 0, 1);
    expect([queue.length, released]).toEqual([0, ["empty", "first", "second"]]);
  });

  it("takes more while it releases", () => {
    const queue = new ByteQueue();
    let more = 3;
    const again = (): void => {
      if (more-- > 0) queue.push(Uint8Array.of(more), again);
    };
    again();
    const target = new Uint8Array(1);
    const taken = [0, 1, 2].map(() => {
      queue.take(target, 0, 1);
      return target[0];
    });
    expect(taken).toEqual([2, 1, 0]);
    expect(queue.length).toBe(0);
  });

  it("releases everything when it is cleared", () => {
    const queue = new ByteQueue();
    let released = 0;
    for (let i = 0; i < 200; i++) queue.push(Uint8Array.of(i), () => released++);
    queue.take(new Uint8Array(150), 0, 150);
    queue.clear();
    expect([released, queue.length]).toEqual([200, 0]);
  });
});
