import { MIB, type Payload } from "../setup/payload.ts";

const KIB = 1024;

/** Shapes that clients have disagreed about: odd last pieces and blocks, files that share pieces, empty files. */
export const payloads: readonly { readonly words: string; readonly payload: Payload }[] = [
  { words: "less than one block", payload: { name: "tiny.txt", pieceLength: 16 * KIB, files: [{ length: 1234 }] } },
  {
    words: "one file with an odd last piece",
    payload: { name: "film.bin", pieceLength: 256 * KIB, files: [{ length: 3 * MIB + 4321 }] },
  },
  {
    words: "many files over 1 MiB pieces",
    payload: {
      name: "album",
      pieceLength: MIB,
      files: [
        { path: "01 first.flac", length: 5 * MIB + 123 },
        { path: "art/cover.jpg", length: 77 },
        { path: "art/empty.txt", length: 0 },
        { path: "art/inner/back.jpg", length: 300 * KIB },
        { path: "02 zweites Stück.flac", length: 6 * MIB - 5 },
        { path: "notes.txt", length: 1 },
      ],
    },
  },
];

/** Enough pieces that several peers have something to give. */
export const shared: Payload = {
  name: "shared",
  pieceLength: MIB,
  files: [
    { path: "one.bin", length: 20 * MIB + 1 },
    { path: "two.bin", length: 12 * MIB - 77 },
  ],
};
