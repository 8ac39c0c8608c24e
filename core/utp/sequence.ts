/** Packets are numbered modulo 2^16 (BEP 29 `seq_nr`, `ack_nr`). */
const MASK = 0xffff;

/** The number `steps` after `sequence`; before it when negative. */
export function sequenceAfter(sequence: number, steps = 1): number {
  return (sequence + steps) & MASK;
}

/** Steps from `from` to `to` on the shorter way: −32 768 … 32 767, positive when `to` is later. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
