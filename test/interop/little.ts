import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KIB } from "../../core/model/units.ts";
import type { Payload } from "../setup/payload.ts";
import type { Endpoint, Job } from "./clients/client.ts";
import type { Lab } from "./lab.ts";

const PIECE = 64 * KIB;
export const LITTLE: Payload = { name: "little.bin", pieceLength: PIECE, files: [{ length: 8 * PIECE }] };

/** Everybody has the same first piece of {@link LITTLE}: nobody has anything to give, and nobody goes. */
export function littleJob(lab: Lab, ...peers: Endpoint[]): Job {
  const job = lab.leechJob(peers);
  const bytes = readFileSync(join(lab.sourceFolder, LITTLE.name));
  bytes.fill(0, PIECE);
  mkdirSync(job.folder, { recursive: true });
  writeFileSync(join(job.folder, LITTLE.name), bytes);
  return job;
}
