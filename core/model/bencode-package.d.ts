/** The part of the untyped `bencode` package that {@link file://./bencode.ts} uses. */
declare module "bencode" {
  const bencode: {
    encode(value: unknown): Uint8Array;
  };
  export default bencode;
}
