import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { KIB } from "../../core/model/units.ts";
import type { Payload } from "../setup/payload.ts";
import { type Missing, needs } from "../setup/requirements.ts";
import type { Job } from "./clients/client.ts";
import { makePeerscopeWithoutFast, requirePeerscope, startPeerscope } from "./clients/peerscope.ts";
import { others, test } from "./lab.ts";

/** One way in which two clients may meet. */
interface Cell {
  readonly words: string;
  readonly direction: "download" | "seed";
  readonly transport: "tcp" | "utp";
  readonly encryption: "none" | "handshake" | "required";
  /** Whether we speak the fast extension (BEP 6): everybody else always does. */
  readonly isFast: boolean;
}

const cells: readonly Cell[] = (["download", "seed"] as const).flatMap((direction) =>
  (["tcp", "utp"] as const).flatMap((transport) =>
    (["none", "handshake", "required"] as const).flatMap((encryption) =>
      [true, false].map((isFast) => {
        const how = { none: "in plain", handshake: "with an encrypted handshake", required: "encrypted" }[encryption];
        const words = `${direction} over ${transport}, ${how}, ${isFast ? "with" : "without"} the fast extension`;
        return { words, direction, transport, encryption, isFast };
      }),
    ),
  ),
);

function impossible(client: string, { transport, encryption }: Cell): Missing {
  if (client === "aria2" && transport === "utp") return "aria2 has no uTP";
  if (client === "transmission" && encryption === "handshake") {
    return "Transmission 3 ends connections that go on in plain after an encrypted handshake";
  }
  return undefined;
}

const payload: Payload = { name: "cell.bin", pieceLength: 64 * KIB, files: [{ length: 2048 * KIB + 4321 }] };
/** Slow enough that the peer is seen before it has gone. */
const PACE = ["--down-limit", "2M", "--up-limit", "2M"];
const SHOWN = { none: "none", handshake: "handshake", required: "rc4" } as const;
const LETTER = { none: "", handshake: "e", required: "E" } as const;

let folder: string;
let withoutFast: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-without-fast-"));
  withoutFast = makePeerscopeWithoutFast(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Transmission lets ten seconds pass before it gives anybody anything: more wait than work. */
vi.setConfig({ maxConcurrency: 8 });

describe.concurrent.for(others)("$client.name", (other) => {
  const { client, missing, makesEmptyFiles } = other;
  describe.concurrent("meets us", () => {
    for (const cell of cells) {
      const { words, direction, transport, encryption, isFast } = cell;
      test(words, needs(requirePeerscope(), missing, impossible(client.name, cell)), async ({ openLab }) => {
        const lab = openLab(payload);
        const manner = {
          ...(transport === "utp" ? { transport } : {}),
          ...(encryption === "none" ? {} : { encryption }),
        };
        const startOurs = (job: Job) => startPeerscope(job, PACE, isFast ? undefined : withoutFast);
        const job = { ...lab.leechJob(), ...manner };
        const download = async () => {
          const seed = await lab.start(client.seed({ ...lab.seedJob(), ...manner }));
          const ours = await lab.start(startOurs({ ...job, peers: [seed.endpoint] }));
          await ours.completed();
          return ours;
        };
        const ours = await (direction === "download" ? download() : lab.serve(other, job, startOurs));
        expect(lab.downloaded(job)).toEqual(lab.expected({ withEmptyFiles: makesEmptyFiles }));

        const peer = await ours.seen("peer", ({ phase }) => phase === "open");
        expect(peer).toMatchObject({ transport, encryption: SHOWN[encryption], supports: { fast: isFast } });
        const gone = await ours.seen("peer-closed", (event) => event.peer === peer.peer);
        expect(gone).toMatchObject({ transport });
        expect(String(gone.flags).replace(/[^Ee]/g, "")).toBe(LETTER[encryption]);
        expect(ours.events.filter(({ event }) => event === "error" || event === "piece-failed")).toEqual([]);
      });
    }
  });
});
