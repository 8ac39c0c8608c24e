/** How a peer's life is told: what changed and when, and what was measured, as flat numbers. */

/** One bit for each claim about a peer that a timeline shows. */
export const STANDING = {
  /** Both handshakes are complete. */
  open: 1,
  weChoke: 2,
  weAreInterested: 4,
  peerChokes: 8,
  peerIsInterested: 16,
  snubbed: 32,
  optimistic: 64,
  parole: 128,
  uploadOnly: 256,
} as const;

/** Numbers of one change: when, and the {@link STANDING} bits that hold from then on. */
export const CHANGE_FIELDS = 2;

/**
 * Numbers of one sample: when it ends (it begins where the one before ended), and the means over that time: payload down
 * and up in bytes a second, blocks that we wait for, blocks that it waits for, the round trip in milliseconds (−1: not
 * known).
 */
export const SAMPLE_FIELDS = 6;
