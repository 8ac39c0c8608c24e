import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { MappingView } from "../../../core/model/mapping-view.ts";
import { PortMapping } from "../../../core/runtime/net/port-mapping.ts";
import { needs } from "../../setup/requirements.ts";
import { until } from "../../setup/until.ts";
import { type GatewayManners, TestGateway } from "./gateway.ts";

const PORT = 51413;
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const started: { stop(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const { stop } of started.splice(0).reverse()) await stop();
});

/** A gateway and one who asks it to open a port. */
async function meet(manners: GatewayManners) {
  const gateway = await TestGateway.start(manners);
  started.push({ stop: () => gateway[Symbol.asyncDispose]() });
  const external: object[] = [];
  const mapping = new PortMapping({
    router: gateway.router,
    bindHost: "127.0.0.1",
    now: Date.now,
    changed: (ports) => external.push(ports),
  });
  started.push({ stop: () => mapping.stop() });
  mapping.want(PORT);
  /** Resolves when everything was tried. */
  const settled = async (): Promise<MappingView> => {
    await until(() => {
      const { state, udpPort, words } = mapping.view();
      return state === "closed" || udpPort !== undefined || words.includes("only");
    });
    return mapping.view();
  };
  return { gateway, mapping, external, settled };
}

describe("a port at a gateway", () => {
  it("is opened by PCP, and closed in the end", async () => {
    const { gateway, mapping, external, settled } = await meet({ speaks: ["pcp"] });
    expect(await settled()).toEqual({
      state: "open",
      words: "Port 51413 is open through the router (PCP).",
      method: "pcp",
      tcpPort: PORT,
      udpPort: PORT,
      address: "203.0.113.9",
    });
    expect([...gateway.ports]).toEqual([
      ["tcp 51413", { internalPort: PORT, lifetime: 3600 }],
      ["udp 51413", { internalPort: PORT, lifetime: 3600 }],
    ]);
    expect(external.at(-1)).toEqual({ tcp: PORT, udp: PORT, address: "203.0.113.9" });
    await mapping.stop();
    expect(gateway.ports.size).toBe(0);
    expect(gateway.heard).toEqual(
      ["map tcp", "map udp", "unmap tcp", "unmap udp"].map((what) => `pcp ${what} ${PORT}`),
    );
  });

  it("is opened by NAT-PMP as the port that the gateway gives", async () => {
    const { gateway, mapping, settled } = await meet({ speaks: ["nat-pmp"], gives: 60_001 });
    const { words, address } = await settled();
    expect(words).toBe("Port 51413 is open through the router (NAT-PMP), seen outside as port 60001.");
    expect(address).toBe("203.0.113.9");
    expect([...gateway.ports.keys()]).toEqual(["tcp 60001", "udp 60001"]);
    await mapping.stop();
    expect(gateway.ports.size).toBe(0);
  });

  it("is opened by UPnP, with a lease", async () => {
    const { gateway, mapping, settled } = await meet({ speaks: ["upnp"] });
    expect((await settled()).words).toBe("Port 51413 is open through the router (UPnP).");
    expect([...gateway.ports]).toEqual([
      ["tcp 51413", { internalPort: PORT, lifetime: 3600 }],
      ["udp 51413", { internalPort: PORT, lifetime: 3600 }],
    ]);
    expect(gateway.heard.filter((what) => what === "GET /root.xml")).toHaveLength(1);
    await mapping.stop();
    expect(gateway.ports.size).toBe(0);
  });

  it("is another one outside where the same is taken", async () => {
    const fault = (fields: ReadonlyMap<string, string>) =>
      fields.get("NewExternalPort") === "51413" ? 718 : undefined;
    const { gateway, settled } = await meet({ speaks: ["upnp"], fault });
    const { tcpPort, udpPort, words } = await settled();
    expect(tcpPort).not.toBe(PORT);
    expect(udpPort).toBe(tcpPort);
    expect(words).toContain(`seen outside as port ${tcpPort}`);
    expect(gateway.ports.get(`tcp ${tcpPort}`)).toEqual({ internalPort: PORT, lifetime: 3600 });
  });

  it("is opened for good where there are no leases, and closed all the same", async () => {
    const fault = (fields: ReadonlyMap<string, string>) => (fields.get("NewLeaseDuration") === "0" ? undefined : 725);
    const { gateway, mapping, settled } = await meet({ speaks: ["upnp"], fault });
    expect((await settled()).state).toBe("open");
    expect(gateway.ports.get("udp 51413")).toEqual({ internalPort: PORT, lifetime: 0 });
    await mapping.stop();
    expect(gateway.ports.size).toBe(0);
  });

  it("follows the port that we listen on", async () => {
    const { gateway, mapping, settled } = await meet({ speaks: ["pcp"] });
    await settled();
    mapping.want(2000);
    await until(() => mapping.view().udpPort === 2000);
    expect([...gateway.ports.keys()]).toEqual(["tcp 2000", "udp 2000"]);
  });

  it("says when the gateway's own address is private", async () => {
    const { settled } = await meet({ speaks: ["nat-pmp"], address: "10.11.12.13" });
    expect((await settled()).words).toMatch(/But the router's own address, 10\.11\.12\.13, is a private one: another/);
  });
});

describe("a gateway of UPnP's second version", () => {
  it("may choose the outer port", async () => {
    const { gateway, mapping, settled } = await meet({ speaks: ["upnp"], second: 61_000 });
    expect((await settled()).words).toContain("seen outside as port 61000");
    expect([...gateway.ports.keys()]).toEqual(["tcp 61000", "udp 61000"]);
    await mapping.stop();
    expect(gateway.ports.size).toBe(0);
  });

  it("that does not know how is asked as one of the first", async () => {
    const { gateway, settled } = await meet({ speaks: ["upnp"], second: "claim" });
    expect((await settled()).words).toBe("Port 51413 is open through the router (UPnP).");
    expect([...gateway.ports.keys()]).toEqual(["tcp 51413", "udp 51413"]);
    expect(gateway.heard.filter((what) => what === "POST AddAnyPortMapping")).toHaveLength(1);
  });
});

describe("a gateway that starts anew", () => {
  it.each(["pcp", "nat-pmp"] as const)("is asked again as soon as it says so: %s", async (method) => {
    const { gateway, settled } = await meet({ speaks: [method] });
    await settled();
    gateway.restart();
    gateway.announce(method);
    await until(() => gateway.ports.size === 2);
    expect([...gateway.ports.keys()]).toEqual(["tcp 51413", "udp 51413"]);
  });

  it("is not believed from elsewhere, nor when it has not", async () => {
    const { gateway, mapping, settled } = await meet({ speaks: ["pcp"] });
    await settled();
    const other = createSocket("udp4").bind(0, "127.0.0.2");
    started.push({ stop: async () => other.close() });
    const { length } = gateway.heard;
    gateway.announce("pcp");
    gateway.restart();
    gateway.announce("pcp", other);
    // What it is asked after is all that it is asked.
    mapping.want(2000);
    await until(() => gateway.ports.size === 2);
    const ports = gateway.heard.slice(length).map((what) => what.split(" ").at(-1));
    expect(gateway.heard.slice(length).filter((what) => what.startsWith("pcp map"))).toEqual([
      "pcp map tcp 2000",
      "pcp map udp 2000",
    ]);
    expect(new Set(ports)).toEqual(new Set(["51413", "2000"]));
  });
});

describe("a firewall for IPv6", needs(hasIpv6 ? undefined : "no IPv6 loopback"), () => {
  const from = "::1";

  it("lets others through, asked by PCP", async () => {
    const { gateway, mapping } = await meet({ speaks: ["pcp"], ipv6: { speaks: ["pcp"], from } });
    await until(() => mapping.view().words.includes("IPv6"));
    expect(mapping.view().words).toBe(
      "Port 51413 is open through the router (PCP). Over IPv6 it lets others through, too (PCP).",
    );
    await until(() => gateway.holes.size === 2);
    expect([...gateway.holes.keys()]).toEqual(["tcp ::1 51413", "udp ::1 51413"]);
    await mapping.stop();
    expect(gateway.holes.size).toBe(0);
  });

  it("lets others through, asked by UPnP, and is asked again for what it has forgotten", async () => {
    const address = "2001:db8::7";
    const { gateway, mapping } = await meet({
      speaks: ["upnp", "nat-pmp"],
      ipv6: { speaks: ["upnp"], from: address },
    });
    await until(() => gateway.holes.size === 2);
    expect([...gateway.holes.keys()]).toEqual([`tcp ${address} 51413`, `udp ${address} 51413`]);
    await until(() => mapping.view().words.includes("(UPnP)"));
    gateway.restart();
    gateway.announce("nat-pmp");
    await until(() => gateway.holes.size === 2 && gateway.heard.includes("POST UpdatePinhole"));
    await mapping.stop();
    expect(gateway.holes.size).toBe(0);
  });

  it("that will not is told of with its reason", async () => {
    const fault = (fields: ReadonlyMap<string, string>) => (fields.has("InternalClient") ? 703 : undefined);
    const { mapping } = await meet({ speaks: ["upnp"], fault, ipv6: { speaks: ["upnp"], from } });
    await until(() => mapping.view().words.includes("Over IPv6"));
    expect(mapping.view()).toMatchObject({
      state: "open",
      words:
        "Port 51413 is open through the router (UPnP). Over IPv6 the router refused: it lets nobody open ports over IPv6, error 703.",
    });
  });
});

describe("a gateway that will not", () => {
  it("is said to have refused, with its reason", async () => {
    const { settled, external } = await meet({ speaks: ["upnp"], fault: () => 606 });
    const { state, words } = await settled();
    expect(state).toBe("closed");
    expect(words).toMatch(/^The router refused to open port 51413: it is not allowed to; .*error 606 \(UPnP\)\.$/);
    expect(external).toEqual([]);
  });

  it("is heard by PCP and NAT-PMP, too", async () => {
    const { settled } = await meet({ speaks: ["pcp", "nat-pmp"], result: 2 });
    expect((await settled()).words).toMatch(
      /^The router refused to open port 51413: it is not allowed to; .*\(PCP\)\.$/,
    );
  });

  it("is nobody when nobody answers", async () => {
    const { settled, gateway } = await meet({ speaks: [] });
    expect(await settled()).toEqual({ state: "closed", words: "Port 51413 was not opened: no router answered." });
    expect(gateway.heard).toEqual([]);
  });

  it("does not hold up who quits", async () => {
    const { gateway, mapping } = await meet({ speaks: ["upnp"], http: () => true });
    await until(() => gateway.heard.includes("GET /root.xml"));
    await mapping.stop();
    expect(mapping.view().state).toBe("off");
  });
});

describe("a hostile gateway", () => {
  it("that says its description is elsewhere is not heard", async () => {
    const locations = [
      "http://localhost:%PORT%/root.xml",
      "http://127.0.0.2:%PORT%/root.xml",
      "https://127.0.0.1:%PORT%/root.xml",
      "file:///etc/passwd",
      "http://127.0.0.1@127.0.0.2:%PORT%/root.xml",
    ];
    const all = await Promise.all([
      ...locations.map((location) => meet({ speaks: ["upnp"], location })),
      // Somebody else, who speaks for it.
      meet({ speaks: ["upnp"], answersFrom: "127.0.0.2" }),
    ]);
    for (const { gateway, settled } of all) {
      expect((await settled()).words).toBe("Port 51413 was not opened: no router answered.");
      expect(gateway.heard).toEqual([]);
    }
  });

  it("can't send us to others, by redirect or by its description", async () => {
    const others: string[] = [];
    const other = createServer((request, response) => {
      others.push(request.url ?? "");
      response.end();
    }).listen(0, "127.0.0.2");
    started.push({ stop: () => new Promise((done) => other.close(done)) });
    await until(() => other.listening);
    const elsewhere = `http://127.0.0.2:${(other.address() as AddressInfo).port}/`;
    const moved = await meet({
      speaks: ["upnp"],
      http: (_, response) => {
        response.writeHead(302, { location: elsewhere }).end();
        return true;
      },
    });
    const named = await meet({ speaks: ["upnp"], control: elsewhere });
    for (const { settled } of [moved, named]) {
      expect((await settled()).words).toBe(
        "Port 51413 was not opened: the router was found, but names no way to open ports.",
      );
    }
    expect(others).toEqual([]);
  });

  it.each([
    ["a body without end", "larger than 256 KiB"],
    ["headers without end", "headers are longer"],
    ["half an answer", "connection"],
    ["an answer drop by drop", "no whole answer within 5 s"],
    ["no HTTP", "not HTTP"],
    ["entities upon entities", "names no way"],
  ])("that gives %s is done with: %s", async (kind, words) => {
    const { settled } = await meet({
      speaks: ["upnp"],
      http: (_, response) => {
        if (kind === "a body without end") {
          const more = (): void => {
            while (!response.destroyed && response.write("<a>".repeat(10_000)));
          };
          response.on("drain", more);
          more();
        } else if (kind === "headers without end") {
          response.socket?.write(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}\r\n\r\n`);
        } else if (kind === "half an answer") {
          response.writeHead(200, { "content-length": "1000" }).write("<root>");
          response.socket?.end();
        } else if (kind === "an answer drop by drop") {
          const drip = setInterval(() => response.write("<"), 100);
          response.on("close", () => clearInterval(drip));
        } else if (kind === "no HTTP") response.socket?.end("\u0000\u0001\u0002 hello\r\n\r\n");
        else response.end('<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><root><x>&b;</x></root>');
        return true;
      },
    });
    const view = await settled();
    expect(view.state).toBe("closed");
    expect(view.words).toContain(words);
  });

  it("that answers a call with anything is said to be not understood", async () => {
    const { settled } = await meet({
      speaks: ["upnp"],
      http: (request, response) => {
        if (request.method === "GET") return false;
        response.writeHead(500).end("<html><p>Internal error");
        return true;
      },
    });
    expect((await settled()).words).toBe(
      "The router refused to open port 51413: its answer is not understood (HTTP status 500) (UPnP).",
    );
  });
});
