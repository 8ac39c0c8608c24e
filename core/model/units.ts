/** A point on the runtime's monotonic-enough clock, in milliseconds since the Unix epoch. */
export type Timestamp = number;

/** A span of time in milliseconds. */
export type Millis = number;

/** A count of bytes. */
export type Bytes = number;

/** A rate in bytes a second. */
export type BytesPerSecond = number;

/** The index of a piece in its torrent, 0-based. Made valid once, by the layout. */
export type PieceIndex = number;

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** The unit of request on the wire: 16 KiB (BEP 3 as practised by every client). */
export const BLOCK_LENGTH = 16 * KIB;
