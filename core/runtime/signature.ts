import { createPublicKey, verify } from "node:crypto";

/** Whether a signature of ed25519 is of these bytes. @param key - 32 bytes. */
export function isSignedBy(key: Uint8Array, signature: Uint8Array, bytes: Uint8Array): boolean {
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") };
    return verify(null, bytes, createPublicKey({ key: jwk, format: "jwk" }), signature);
  } catch {
    // No point of the curve.
    return false;
  }
}
