import { createHash, hash } from "node:crypto";
import type { Digest } from "../metainfo/metainfo.ts";

/** The digests of Node, for the metainfo. */
export const nodeDigest: Digest = {
  sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
  sha256: (bytes) => new Uint8Array(hash("sha256", bytes, "buffer")),
};
