import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../../core/host/cli/arguments.ts";
import { UsageFault } from "../../../core/host/cli/faults.ts";
import { peerscope } from "./command-line.ts";

const parse = (line: string) => parseCommandLine(line.split(" "));

describe("download", () => {
  test("has a default for everything but the torrent and the folder", () => {
    expect(parse("download a.torrent --to d")).toEqual({
      command: "download",
      sources: ["a.torrent"],
      to: "d",
      peers: [],
      port: 0,
      seed: false,
      superSeed: false,
      tracker: true,
      downLimit: 0,
      upLimit: 0,
      json: false,
      encryption: "allow",
      transport: "both",
      dht: true,
      pex: true,
      lsd: true,
      portMapping: true,
      dhtNodes: [],
      slots: 8,
    });
  });

  test("takes every form that is there today", () => {
    const line =
      "download a.torrent http://h/b.torrent --to d --peer 127.0.0.1:5 --peer [::1]:6 --port 7 --bind 127.0.0.1 --seed " +
      "--no-tracker --transport tcp --encryption off --no-dht --dht-node 10.0.0.1:8 --no-lsd --no-pex " +
      "--no-port-mapping --down-limit 1M --up-limit 5 --slots 0 --state s --json --trace t";
    expect(parse(line)).toEqual({
      command: "download",
      sources: ["a.torrent", "http://h/b.torrent"],
      to: "d",
      peers: [
        { host: "127.0.0.1", port: 5 },
        { host: "::1", port: 6 },
      ],
      port: 7,
      bind: "127.0.0.1",
      seed: true,
      superSeed: false,
      tracker: false,
      downLimit: 2 ** 20,
      upLimit: 5,
      state: "s",
      trace: "t",
      json: true,
      encryption: "off",
      transport: "tcp",
      dht: false,
      pex: false,
      lsd: false,
      portMapping: false,
      dhtNodes: [{ host: "10.0.0.1", port: 8 }],
      slots: 0,
    });
    expect(parse("download a --to d --super-seed")).toMatchObject({ seed: true, superSeed: true });
    expect(parse("download a --to d --transport utp")).toMatchObject({ transport: "utp" });
    expect(parse("download a --to d --encryption require")).toMatchObject({ to: "d", encryption: "require" });
    expect(parse("serve")).toEqual({ command: "serve", port: 0, dht: true, dhtNodes: [] });
    expect(parse("serve --no-dht")).toMatchObject({ dht: false });
    const [proxy, ipFilter] = ["socks5://127.0.0.1:9", "list.p2b"];
    expect(parse(`serve --proxy ${proxy} --ip-filter ${ipFilter}`)).toMatchObject({ proxy, ipFilter });
    expect(parse("serve --dht-node [::1]:8")).toMatchObject({ dht: true, dhtNodes: [{ host: "::1", port: 8 }] });
  });

  test.each([
    ["download a --to d --transport sctp", "tcp, utp or both"],
    ["download a --to d --encryption maybe", "off, allow, prefer or require"],
    ["download a", "--to DIR"],
    ["download --to d", "name a torrent"],
    ["download a --to d --peer 127.0.0.1", "HOST:PORT"],
    ["download a --to d --peer 127.0.0.1:0", "HOST:PORT"],
    ["download a --to d --dht-node 127.0.0.1", "--dht-node 127.0.0.1: HOST:PORT"],
    ["download a --to d --port 65536", "a number from 0 to 65535"],
    ["download a --to d --port x", "a number from 0 to 65535"],
    ["download a --to d --slots auto", "a number from 0 to 1000"],
    ["download a --to d --down-limit fast", "bytes, from 0"],
    ["download a --to d --wat", "Unknown option '--wat'"],
    ["download a --to", "argument missing"],
    ["inspect", "name one torrent"],
    ["inspect a b", "name one torrent"],
    ["create", "name one file or folder"],
    ["create a --piece-length 1000", "bytes, from 16384"],
    ["create a --piece-length 20000", "a multiple of 16384"],
    ["create a --version 3", "--version 3: 1, 2 or hybrid"],
    ["create a --version 2 --piece-length 49152", "a power of two in a torrent of version 2"],
    ["create a --tracker nowhere", "no such URL"],
    ["create a --tracker file:///x", "no such URL"],
    ["create a --web-seed udp://x", "no such URL"],
    ["download a --to d --trace", "argument missing"],
    ["download a --to d --ip-filter=", "--ip-filter: empty"],
    ["download a --to d --proxy socks4://a", "--proxy: socks4: a proxy is socks5:// or http://"],
    ["serve x", "too much"],
    ["serve --proxy socks4://x", "--proxy: socks4"],
    ["serve --ip-filter=", "--ip-filter: empty"],
    ["serve --trace=", "--trace: empty"],
    ["serve --dht-node 127.0.0.1", "--dht-node 127.0.0.1: HOST:PORT"],
    ["replay", "name one record"],
    ["replay a b", "name one record"],
    ["pcap", "name one recording"],
    ["pcap a --peer=", "--peer: empty"],
    ["demo --peers 0", "a number from 1"],
    ["dowload a --to d", "is no command"],
  ])("refuses %s", (line, words) => {
    expect(() => parse(line)).toThrow(UsageFault);
    expect(() => parse(line)).toThrow(words);
  });
});

describe("the program", () => {
  test("says in one line on standard error what is wrong with its usage, and ends with 2", async () => {
    for (const args of [[], ["nonsense"], ["download", "a"], ["download", "a", "--to", "d", "--transport", "x"]]) {
      const { status, stdout, stderr } = await peerscope(args);
      expect(status).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^peerscope: [^\n]+\n$/);
    }
  });

  test("explains itself when asked", async () => {
    const { status, stdout } = await peerscope(["--help"]);
    expect(status).toBe(0);
    for (const command of ["download", "inspect", "create", "serve", "replay", "pcap", "demo"])
      expect(stdout).toContain(`peerscope ${command}`);
  });
});
