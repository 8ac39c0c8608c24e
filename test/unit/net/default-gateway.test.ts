import { describe, expect, it } from "vitest";
import {
  bsdGateways,
  hasSystemRouter,
  linuxGateways,
  linuxIpv6Gateway,
  windowsGateways,
} from "../../../core/runtime/net/port-mapping-router.ts";

describe("the default gateway", () => {
  it("is read from Linux's table, the best metric first, and only where there is one", () => {
    const table = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0",
      "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
      // A tunnel without a gateway, a route that is down, a network, and the half of the world.
      "tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000000\t0\t0\t0",
      "eth1\t00000000\t0102A8C0\t0002\t0\t0\t1\t00000000\t0\t0\t0",
      "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0",
      "tun1\t00000000\t0108000A\t0003\t0\t0\t0\t00000080\t0\t0\t0",
      "garbage",
      "",
    ].join("\n");
    expect(linuxGateways(table, true)).toEqual(["192.168.1.1", "192.168.0.1"]);
    expect(linuxGateways(table.replace("0101A8C0", "C0A80101"), false)[0]).toBe("192.168.1.1");
    expect(linuxGateways("", true)).toEqual([]);
  });

  it("is read from Linux's table of IPv6, link-local ones with their interface", () => {
    const none = "0".repeat(32);
    const row = (to: string, bits: string, via: string, metric: string, flags: string) =>
      `${to} ${bits} ${none} 00 ${via} ${metric} 00000001 00000000 ${flags}     eth0`;
    const gateway = "fe800000000000000000000000000001";
    const table = [
      row(none, "00", "20010db8000000000000000000000001", "00000400", "00450003"),
      row(none, "00", gateway, "00000064", "00450003"),
      row(none, "00", none, "00000001", "00200200"),
      row(gateway, "80", none, "00000000", "00000001"),
      "garbage",
    ].join("\n");
    expect(linuxIpv6Gateway(table)).toBe("fe80::1%eth0");
    expect(linuxIpv6Gateway(table.split("\n")[0] ?? "")).toBe("2001:db8::1");
    expect(linuxIpv6Gateway("")).toBeUndefined();
  });

  it("is read from what Windows prints, whatever its language", () => {
    const table = [
      "IPv4-Routentabelle",
      "     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik",
      "          0.0.0.0          0.0.0.0      192.168.0.1    192.168.0.17     55",
      "          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.5     25",
      "          0.0.0.0        128.0.0.0         10.8.0.1        10.8.0.6      1",
      "          0.0.0.0          0.0.0.0   Auf Verbindung        10.9.0.1      5",
    ].join("\r\n");
    expect(windowsGateways(table)).toEqual(["192.168.1.1", "192.168.0.1"]);
  });

  it("is read from what macOS and the BSDs say", () => {
    const answer = "   route to: default\ndestination: default\n       mask: default\n    gateway: 192.168.1.1\n";
    expect(bsdGateways(answer)).toEqual(["192.168.1.1"]);
    expect(bsdGateways("    gateway: fe80::1%en0\n")).toEqual([]);
    expect(bsdGateways("route: writing to routing socket: not in table")).toEqual([]);
  });

  it("is nothing to who is bound to loopback, or to IPv6", () => {
    expect([undefined, "0.0.0.0", "::", "192.168.1.5"].map(hasSystemRouter)).toEqual([true, true, true, true]);
    expect(["127.0.0.1", "::1", "2001:db8::1"].map(hasSystemRouter)).toEqual([false, false, false]);
  });
});
