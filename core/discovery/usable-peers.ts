import type { Endpoint } from "../model/endpoint.ts";
import type { AnnounceAnswer } from "./tracker-answer.ts";

/** Endpoints worth dialling: each once, no port 0, not ourselves by peer id (BEP 3) or external address (BEP 24). */
export function usablePeers(answers: readonly AnnounceAnswer[], ourId: Uint8Array, ourPort: number): Endpoint[] {
  const seen = new Set<string>();
  for (const { externalIp } of answers) if (externalIp !== undefined) seen.add(`${externalIp} ${ourPort}`);
  const usable: Endpoint[] = [];
  for (const { host, port, peerId } of answers.flatMap((answer) => answer.peers)) {
    if (port === 0) continue;
    if (peerId !== undefined && peerId.length === 20 && peerId.every((value, i) => value === ourId[i])) continue;
    const name = `${host} ${port}`;
    if (seen.has(name)) continue;
    seen.add(name);
    usable.push({ host, port });
  }
  return usable;
}
