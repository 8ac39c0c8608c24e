import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Program } from "../../setup/program.ts";
import { needs, requireLinux } from "../../setup/requirements.ts";

const root = join(import.meta.dirname, "../../..");

describe("npm start", needs(requireLinux()), () => {
  let folder: string;
  let program: Program | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "peerscope-start-"));
  });
  afterEach(async () => {
    await program?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function start(env: NodeJS.ProcessEnv, ...args: string[]): Program {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
    program = new Program(process.execPath, [join(root, "build", "start.js"), ...args], { env: { ...rest, ...env } });
    return program;
  }

  /** Stands for Electron's binary: says how it was started, and ends with `status`. */
  function electronThatEndsWith(status: number): NodeJS.ProcessEnv {
    const binary = join(folder, "electron");
    writeFileSync(binary, `#!/bin/sh\necho "window: $*"\nexit ${status}\n`);
    chmodSync(binary, 0o755);
    return { ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ":99" };
  }

  function addressIn(line: string): string | undefined {
    return /http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]+/.exec(line)?.[0];
  }

  async function statusOf(address: string): Promise<number> {
    const url = new URL(address);
    const headers = { Authorization: `Bearer ${url.searchParams.get("token")}` };
    return (await fetch(new URL("/", url), { headers })).status;
  }

  test("serves a browser where there is no display, and says so", async () => {
    const started = start({}, "--state", folder);
    const reason = started.line((line) => (line.startsWith("No desktop window") ? line : undefined));
    const address = await started.line(addressIn);
    expect(await reason).toBe(
      "No desktop window: there is no display here. Serving the interface to a browser instead.",
    );
    expect(await statusOf(address)).toBe(200);
    started.signal("SIGINT");
    expect(await started.ended()).toBe(0);
  });

  test("opens the window where there is a display", async () => {
    const started = start(electronThatEndsWith(0), "some.torrent");
    const window = started.line((line) => (line.startsWith("window: ") ? line : undefined));
    expect(await started.ended()).toBe(0);
    expect(await window).toMatch(/^window: (--no-sandbox )?\/.* some\.torrent$/);
  });

  test("tells the window that it shows the demo", async () => {
    const started = start(electronThatEndsWith(0), "--demo");
    expect(await started.line((line) => (line.startsWith("window: ") ? line : undefined))).toContain(" --demo");
    expect(await started.ended()).toBe(0);
  });

  test("serves a browser when Electron can't run", async () => {
    const started = start(electronThatEndsWith(127), "--state", folder);
    const reason = started.line((line) => (line.startsWith("No desktop window") ? line : undefined));
    const address = await started.line(addressIn);
    expect(await reason).toContain("Electron ended with status 127");
    expect(await statusOf(address)).toBe(200);
  });
});
