import { networkOf } from "./network.ts";

/** Votes that are remembered, the newest. */
const MAX_VOTES = 40;
/** An address is settled when so many networks, and more than half of all, name it. */
const LEAST_VOTES = 6;

/** What others say our address is (BEP 42): one vote a network, so that one owner of many addresses has but one. */
export class AddressVotes {
  /** By the voter's network; oldest first. */
  readonly #votes = new Map<string, string>();

  vote(voter: string, address: string): void {
    const network = networkOf(voter);
    this.#votes.delete(network);
    this.#votes.set(network, address);
    if (this.#votes.size <= MAX_VOTES) return;
    const [oldest] = this.#votes.keys();
    this.#votes.delete(oldest as string);
  }

  /** Addresses by votes, most first. */
  get counts(): readonly (readonly [address: string, votes: number])[] {
    const counts = new Map<string, number>();
    for (const address of this.#votes.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  /** The address that most agree on, or undefined. */
  get settled(): string | undefined {
    const [first] = this.counts;
    if (first === undefined || first[1] < LEAST_VOTES || 2 * first[1] <= this.#votes.size) return undefined;
    return first[0];
  }
}
