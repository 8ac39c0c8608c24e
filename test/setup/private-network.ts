import { spawnSync } from "node:child_process";
import { Program } from "./program.ts";
import type { Missing } from "./requirements.ts";

const OWN_NETWORK = "unshare";

/** A pair of interfaces that are connected to each other alone, the first with an address; multicast passes there. */
const SETUP = [
  "ip link add one type veth peer name other",
  "ip addr add 10.9.0.1/24 dev one",
  "ip addr add fd00:9::1/64 dev one nodad",
  "ip link set lo up",
  "ip link set other up",
  "ip link set one up",
  "echo ready",
  "exec cat",
].join(" && ");

export function requirePrivateNetwork(): Missing {
  const probe = spawnSync(OWN_NETWORK, ["-n", "ip", "link", "add", "one", "type", "veth", "peer", "name", "other"]);
  return probe.status === 0 ? undefined : "no network of its own may be made here (unshare -n, ip link add)";
}

/** A network that only the programs of one test are in: nothing from outside, nothing to outside. */
export class PrivateNetwork {
  /** The addresses of this machine in it. */
  readonly hosts = { ipv4: "10.9.0.1", ipv6: "fd00:9::1" } as const;
  readonly host = this.hosts.ipv4;
  readonly #holder: Program;

  private constructor(holder: Program) {
    this.#holder = holder;
  }

  static async open(): Promise<PrivateNetwork> {
    const holder = new Program(OWN_NETWORK, ["-n", "sh", "-c", SETUP]);
    await holder.line((line) => (line === "ready" ? true : undefined));
    return new PrivateNetwork(holder);
  }

  /** The same command, run in it. */
  inside(command: string, args: readonly string[]): readonly [command: string, args: readonly string[]] {
    return ["nsenter", [`--net=/proc/${this.#holder.pid}/ns/net`, command, ...args]];
  }

  close(): Promise<void> {
    return this.#holder.stop();
  }
}
