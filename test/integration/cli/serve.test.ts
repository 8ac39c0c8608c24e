import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { Program } from "../../setup/program.ts";
import { until } from "../../setup/until.ts";
import { DhtNode } from "../dht/dht-node.ts";
import { CLI, peerscope, Scratch } from "./command-line.ts";

test("serve prints an address that answers with its token alone, and ends with 0 when it is interrupted", async () => {
  using scratch = new Scratch();
  const program = new Program(process.execPath, [CLI, "serve", "--state", scratch.at("state")]);
  try {
    const address = await program.line(
      (line) => /^Peerscope is at (http:\/\/127\.0\.0\.1:\d+\/\?token=\w+)$/.exec(line)?.[1],
    );
    const { origin, port, searchParams } = new URL(address);
    const page = await fetch(origin, { headers: { authorization: `Bearer ${searchParams.get("token")}` } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<title>Peerscope");
    expect((await fetch(origin)).status).toBe(401);
    const taken = await peerscope(["serve", "--state", scratch.at("other"), "--port", port]);
    expect(taken.status).toBe(1);
    expect(taken.stderr).toMatch(/^peerscope: [^\n]*EADDRINUSE[^\n]*\n$/);
    program.signal("SIGINT");
    expect(await program.ended()).toBe(0);
  } finally {
    await program.stop();
  }
});

test("serve begins in the DHT at the node that is named", async () => {
  using scratch = new Scratch();
  const node = await DhtNode.open();
  const named = ["--dht-node", `127.0.0.1:${node.port}`];
  const program = new Program(process.execPath, [CLI, "serve", "--state", scratch.at("state"), ...named]);
  try {
    await until(() => node.received.length > 0);
    program.signal("SIGINT");
    expect(await program.ended()).toBe(0);
  } finally {
    await program.stop();
    await node.close();
  }
});

test("serve does not go on without a list of blocked addresses that was asked for", async () => {
  using scratch = new Scratch();
  const list = scratch.at("none");
  const { status, stderr } = await peerscope(["serve", "--state", scratch.at("state"), "--ip-filter", list]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^peerscope: --ip-filter: [^\n]*ENOENT[^\n]*\n$/);
});

test("serve goes through the proxy that is named", async () => {
  using scratch = new Scratch();
  let isCalled: () => void = () => undefined;
  const called = new Promise<void>((resolve) => {
    isCalled = resolve;
  });
  const proxy = createServer((socket) => {
    socket.destroy();
    isCalled();
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as { port: number };
  const named = ["--proxy", `socks5://127.0.0.1:${port}`];
  const program = new Program(process.execPath, [CLI, "serve", "--state", scratch.at("state"), ...named]);
  try {
    await called;
    program.signal("SIGINT");
    expect(await program.ended()).toBe(0);
  } finally {
    await program.stop();
    proxy.close();
  }
});

test("demo --headless downloads its own swarm and ends with 0", async () => {
  const { status, stdout, stderr } = await peerscope(["demo", "--headless", "--peers", "3", "--size", "2M"]);
  expect(stderr).toBe("");
  expect(stdout).toContain("2.0 MiB");
  expect(status).toBe(0);
});
