import type { Millis, Timestamp } from "../../../core/model/units.ts";

interface Event {
  readonly at: Timestamp;
  readonly order: number;
  readonly act: () => void;
  isCancelled: boolean;
}

/** Time that passes only from one event to the next. Events of one moment happen in the order they were planned. */
export class VirtualClock {
  now: Timestamp = 1_700_000_000_000;
  happened = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  /** @returns Cancels. */
  after(wait: Millis, act: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, wait), order: this.#order++, act, isCancelled: false };
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Lets the next event happen. @returns False when there is none. */
  step(): boolean {
    for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
      if (event.isCancelled) continue;
      this.now = event.at;
      this.happened++;
      event.act();
      return true;
    }
    return false;
  }

  /** When the next event is, or undefined when there is none. */
  get next(): Timestamp | undefined {
    return this.#heap[0]?.at;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
