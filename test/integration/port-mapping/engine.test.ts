import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, it } from "vitest";
import type { SettingsChange } from "../../../core/contract/messages.ts";
import { type Engine, startEngine } from "../../../core/runtime/engine.ts";
import type { Router } from "../../../core/runtime/net/port-mapping-router.ts";
import { applyUpdate, EMPTY_ENGINE_STATE, type EngineState } from "../../../renderer/store/engine-state.ts";
import { freePort } from "../../setup/free-port.ts";
import { until } from "../../setup/until.ts";
import { TestGateway } from "./gateway.ts";

const WORKER_FILE = pathToFileURL(join(import.meta.dirname, "../../../dist/disk-worker.js"));
const started: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
});

/** The real engine on loopback, and what an interface sees of its session. */
async function start(router: Router | undefined, settings: SettingsChange = {}) {
  if (!existsSync(WORKER_FILE)) throw new Error("dist/disk-worker.js is not built: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "peerscope-mapping-"));
  started.push(async () => rmSync(folder, { recursive: true, force: true }));
  const engine: Engine = await startEngine({
    diskWorker: WORKER_FILE,
    announces: false,
    overrides: { bindHost: "127.0.0.1", downloadFolder: folder, dht: false, ...settings },
    ...(router === undefined ? {} : { router }),
  });
  started.push(() => engine.stop());
  let state: EngineState = EMPTY_ENGINE_STATE;
  const port = engine.connect((message) => {
    if (message.kind === "update") state = applyUpdate(state, message);
  });
  const session = () => state.session as NonNullable<EngineState["session"]>;
  const change = (changed: SettingsChange) =>
    port.send({ kind: "command", id: 1, command: { kind: "change-settings", settings: changed } });
  return { engine, session, change };
}

async function gatewayFor(...[manners]: Parameters<typeof TestGateway.start>): Promise<TestGateway> {
  const gateway = await TestGateway.start(manners);
  started.push(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

it("opens the listen port, tells the interface in words, and closes it when it quits", async () => {
  const gateway = await gatewayFor({ speaks: ["pcp"] });
  const { engine, session } = await start(gateway.router);
  const { listenPort } = session();
  await until(() => session().mapping.udpPort !== undefined);
  expect(session().mapping).toMatchObject({
    state: "open",
    words: `Port ${listenPort} is open through the router (PCP).`,
  });
  expect([...gateway.ports.keys()]).toEqual([`tcp ${listenPort}`, `udp ${listenPort}`]);
  await engine.stop();
  expect(gateway.ports.size).toBe(0);
});

it("follows a change of the listen port, and of the wish", async () => {
  const gateway = await gatewayFor({ speaks: ["nat-pmp"] });
  const { session, change } = await start(gateway.router);
  await until(() => session().mapping.udpPort !== undefined);
  const listenPort = await freePort();
  change({ listenPort });
  await until(() => session().mapping.udpPort === listenPort);
  expect([...gateway.ports.keys()]).toEqual([`tcp ${listenPort}`, `udp ${listenPort}`]);
  change({ portMapping: false });
  await until(() => gateway.ports.size === 0);
  expect(session().mapping.state).toBe("off");
  change({ portMapping: true });
  await until(() => session().mapping.udpPort === listenPort);
});

it("asks nobody when it is not to, nor the system's router when it is bound to loopback", async () => {
  const gateway = await gatewayFor({ speaks: ["pcp"] });
  const unwilling = await start(gateway.router, { portMapping: false });
  const bound = await start(undefined);
  for (const { session } of [unwilling, bound]) {
    expect(session().mapping).toEqual({ state: "off", words: "The router is not asked to open our port." });
  }
  await unwilling.engine.stop();
  expect(gateway.heard).toEqual([]);
});
