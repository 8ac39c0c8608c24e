import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DhtNode } from "../integration/dht/dht-node.ts";
import { Program } from "../setup/program.ts";
import { findLibtorrentPython, needs, requireLibtorrent } from "../setup/requirements.ts";

const SCRIPT = join("test", "interop", "clients", "libtorrent-items.py");
const NODES = 6;

test(
  "what libtorrent keeps with nodes of ours, another libtorrent reads",
  needs(requireLibtorrent()),
  async ({ onTestFinished }) => {
    const nodes = await Promise.all(Array.from({ length: NODES }, () => DhtNode.open()));
    onTestFinished(() => Promise.all(nodes.map((node) => node.close())).then(() => undefined));
    for (const { dht } of nodes) for (const { port } of nodes) dht.addNode({ host: "127.0.0.1", port });
    const { privateKey } = generateKeyPairSync("ed25519");
    const { d, x } = privateKey.export({ format: "jwk" });
    const key = [d, x].map((part) => Buffer.from(part as string, "base64url").toString("hex"));
    const ports = nodes.map(({ port }) => String(port));
    const program = new Program(findLibtorrentPython() as string, [SCRIPT, ...key, ...ports]);
    onTestFinished(() => program.stop());
    const read = await program.line((line) => JSON.parse(line));
    expect(read).toEqual({ fixed: "kept by us", signed: "signed again" });
    expect(nodes.some(({ received }) => received.some((datagram) => datagram.includes("1:q3:put")))).toBe(true);
  },
);
