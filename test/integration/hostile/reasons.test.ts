import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import { CLOSE_REASONS, type CloseReason } from "../../../core/model/close-reason.ts";
import { defaultSettings } from "../../../core/session/settings.ts";
import { EngineFixture, freshContent } from "./engine-fixture.ts";
import { PROVOCATIONS } from "./provocations.ts";
import { Scene } from "./scene.ts";
import { UtpStream } from "./utp-stream.ts";

/** Reasons that no peer can provoke yet. */
const UNPROVOKED: Readonly<Partial<Record<CloseReason, string>>> = {
  "web-seed-failed": "web seeds are no peers",
};

const realNow = Date.now;
let ahead = 0;
const pass = (milliseconds: number) => {
  ahead += milliseconds;
};
vi.spyOn(Date, "now").mockImplementation(() => realNow() + ahead);

const { encryptionIncoming, encryptionOutgoing, ipFilter, maxConnectionsPerTorrent, transport } = defaultSettings("");
const usual: SettingsChange = {
  encryptionIncoming,
  encryptionOutgoing,
  ipFilter,
  maxConnectionsPerTorrent,
  transport,
};

const fixture = new EngineFixture();
beforeAll(() => fixture.start());
afterAll(async () => {
  await fixture.stop();
  vi.restoreAllMocks();
});

describe.each(["tcp", "utp"] as const)("over %s a peer that", (over) => {
  test.for(PROVOCATIONS.map((row) => [row.what, row.reason, row] as const))(
    "%s is remembered as %s",
    async ([, , row], context) => {
      const scene = await Scene.open(fixture, over, row.isMagnet);
      context.onTestFailed(() => console.error(fixture.picture(scene.torrent)));
      context.onTestFinished(async () => {
        await fixture.command({ kind: "change-settings", settings: usual });
        await scene.close();
      });
      await fixture.command({ kind: "change-settings", settings: row.settings ?? {} });
      const { gone, peer } = await row.provoke(scene, pass);
      const { reason, by, told } = row;
      expect(gone).toMatchObject({ reason, by, code: CLOSE_REASONS[reason].code, host: "127.0.0.1" });
      expect(gone.detail).toMatch(row.detail);
      expect(gone.transport).toBe(over);
      if (told !== undefined) expect(gone.closeReason ?? CLOSE_REASONS[reason].closeReason).toBe(told);
      if (peer === undefined) return;
      await peer.closed;
      if (peer.socket instanceof UtpStream) expect(peer.socket.closing?.closeReason).toBe(told);
    },
  );

  test("is there when the engine stops is remembered as shutdown, and is told no number", async () => {
    const stopping = new EngineFixture();
    await stopping.start();
    const scene = await Scene.open(stopping, over);
    const peer = await scene.enter();
    await scene.seen(peer, ({ phase }) => phase === "open");
    await stopping.stop();
    const gone = await scene.gone(peer);
    expect(gone).toMatchObject({ reason: "shutdown", code: -204, by: "us", detail: "Peerscope is quitting" });
    await peer.closed;
    if (peer.socket instanceof UtpStream) expect(peer.socket.closing).toMatchObject({ reason: "closed-by-peer" });
    if (peer.socket instanceof UtpStream) expect(peer.socket.closing?.closeReason).toBeUndefined();
  });
});

test("a peer for which the system has no socket is remembered as resource", async () => {
  const homeless = new EngineFixture();
  await homeless.start("192.0.2.1");
  const torrent = await homeless.add(freshContent());
  await homeless.connect(torrent, 6881);
  const gone = await homeless.gone(torrent, 6881);
  expect(gone).toMatchObject({ reason: "resource", code: -208, by: "us" });
  expect(gone.detail).toContain("EADDRNOTAVAIL");
  await homeless.stop();
});

test("every reason is provoked by a peer, or named with why it can't be", () => {
  const provoked = new Set<string>(PROVOCATIONS.map(({ reason }) => reason));
  for (const apart of ["shutdown", "resource"]) provoked.add(apart);
  for (const reason of Object.keys(UNPROVOKED)) expect(provoked).not.toContain(reason);
  expect([...provoked, ...Object.keys(UNPROVOKED)].sort()).toEqual(Object.keys(CLOSE_REASONS).sort());
});
