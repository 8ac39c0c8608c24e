import { bytesEqual, toHex } from "../model/bytes.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Item } from "./item.ts";
import type { NodeId } from "./node-id.ts";

/** Who puts an item comes again within an hour (BEP 44). */
const LIFE: Millis = 2 * 60 * 60_000;
/** Of a kilobyte each, with what goes with it. */
const MAX_ITEMS = 1000;
/** Of one party, so that nobody pushes all others out. */
const MAX_OF_ONE = 50;

/** BEP 44 "errors". */
export const ERROR_CAS = 301;
export const ERROR_SEQUENCE = 302;

interface StoredItem extends Item {
  readonly by: string;
  readonly putAt: Timestamp;
}

/** Values that others keep with us, bounded in number and in time. What was put longest ago makes room. */
export class ItemStore {
  /** By target in hex; what was put longest ago is first. */
  readonly #items = new Map<string, StoredItem>();

  get count(): number {
    return this.#items.size;
  }

  find(target: NodeId): Item | undefined {
    return this.#items.get(toHex(target));
  }

  /**
   * Keeps an item whose hash or signature is right.
   * @param expected - The state that it is to follow (`cas`); undefined: any.
   * @param by - Who stands behind the address it comes from.
   * @returns The error, when there is a later state or another than the expected one.
   */
  put(target: NodeId, item: Item, expected: number | undefined, by: string, now: Timestamp): number | undefined {
    const key = toHex(target);
    const known = this.#items.get(key);
    const before = known?.signed?.sequence;
    if (item.signed !== undefined && known !== undefined && before !== undefined) {
      if (expected !== undefined && expected !== before) return ERROR_CAS;
      const { sequence } = item.signed;
      if (sequence < before || (sequence === before && !bytesEqual(item.value, known.value))) return ERROR_SEQUENCE;
    }
    this.#items.delete(key);
    // Whoever puts it again: else a stranger could make it one of its own, and push it out with others.
    const owner = known?.by ?? by;
    this.#makeRoom(owner);
    this.#items.set(key, { ...item, by: owner, putAt: now });
    return undefined;
  }

  expire(now: Timestamp): void {
    for (const [key, { putAt }] of this.#items) {
      if (putAt > now - LIFE) return;
      this.#items.delete(key);
    }
  }

  #makeRoom(by: string): void {
    let own = 0;
    let oldestOwn: string | undefined;
    for (const [key, item] of this.#items) {
      if (item.by !== by) continue;
      own++;
      oldestOwn ??= key;
    }
    const [oldest] = this.#items.keys();
    if (own >= MAX_OF_ONE && oldestOwn !== undefined) this.#items.delete(oldestOwn);
    else if (this.#items.size >= MAX_ITEMS && oldest !== undefined) this.#items.delete(oldest);
  }
}
