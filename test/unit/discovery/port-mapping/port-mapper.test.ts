import { beforeEach, describe, expect, it } from "vitest";
import type { GatewayAnswer, MappingOrder } from "../../../../core/discovery/port-mapping/order.ts";
import { PortMapper } from "../../../../core/discovery/port-mapping/port-mapper.ts";
import { seededRandom } from "../../../../core/model/random.ts";

const MINUTE = 60_000;
const silent: GatewayAnswer = { kind: "silent", words: "no router answered" };
const refused: GatewayAnswer = { kind: "refused", words: "it is not allowed to" };
const taken: GatewayAnswer = { kind: "refused", words: "the port is taken", remedy: "another-port" };
const noLease: GatewayAnswer = { kind: "refused", words: "it only opens ports for good", remedy: "for-good" };
const unmapped: GatewayAnswer = { kind: "unmapped" };

const grant = ({ externalPort, lifetime }: MappingOrder, address = "203.0.113.9"): GatewayAnswer => ({
  kind: "mapped",
  externalPort,
  lifetime,
  address,
});

let mapper: PortMapper;
let now: number;

beforeEach(() => {
  mapper = new PortMapper(seededRandom(1));
  now = 1_000_000;
});

/** The order that is due, answered. */
function answer(reply: GatewayAnswer | ((order: MappingOrder) => GatewayAnswer)): MappingOrder {
  const order = mapper.poll(now);
  if (order === undefined) throw new Error("no order is due");
  mapper.answered(order.id, typeof reply === "function" ? reply(order) : reply, now);
  return order;
}

/** Asks by PCP and NAT-PMP in vain; UPnP is next. */
function passToUpnp(): void {
  answer(silent);
  answer(silent);
}

function open(port: number): void {
  mapper.want(port);
  answer(grant);
  answer(grant);
}

describe("a mapper of ports", () => {
  it("asks for nothing until a port is wanted", () => {
    expect(mapper.poll(now)).toBeUndefined();
    expect(mapper.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(mapper.view()).toEqual({ state: "off", words: "The router is not asked to open our port." });
  });

  it("opens the port over TCP, then over UDP, one order at a time", () => {
    mapper.want(51413);
    const tcp = mapper.poll(now) as MappingOrder;
    expect(tcp).toMatchObject({
      kind: "map",
      method: "pcp",
      protocol: "tcp",
      internalPort: 51413,
      externalPort: 51413,
    });
    expect(tcp.nonce).toHaveLength(12);
    expect(mapper.poll(now)).toBeUndefined();
    expect(mapper.view()).toMatchObject({ state: "asking", words: "Asking the router to open port 51413." });
    mapper.answered(tcp.id, grant(tcp), now);
    expect(mapper.poll(now)).toMatchObject({ kind: "map", method: "pcp", protocol: "udp" });
  });

  it("tries PCP, NAT-PMP and UPnP in turn, and stays with what works", () => {
    mapper.want(51413);
    expect([answer(silent).method, answer(silent).method]).toEqual(["pcp", "nat-pmp"]);
    expect(answer(grant).method).toBe("upnp");
    expect(answer(grant)).toMatchObject({ method: "upnp", protocol: "udp" });
    expect(mapper.view()).toEqual({
      state: "open",
      words: "Port 51413 is open through the router (UPnP).",
      method: "upnp",
      tcpPort: 51413,
      udpPort: 51413,
      address: "203.0.113.9",
    });
    expect(mapper.poll(now)).toBeUndefined();
  });

  it("renews at half the lease that was given", () => {
    mapper.want(51413);
    const short = (order: MappingOrder): GatewayAnswer => ({ ...grant(order), lifetime: 20 * MINUTE }) as GatewayAnswer;
    answer(short);
    answer(short);
    expect(mapper.deadline).toBe(now + 10 * MINUTE);
    now += 10 * MINUTE - 1;
    expect(mapper.poll(now)).toBeUndefined();
    now++;
    expect(answer(short)).toMatchObject({ kind: "map", protocol: "tcp", externalPort: 51413 });
    expect(answer(short)).toMatchObject({ kind: "map", protocol: "udp" });
    expect(mapper.deadline).toBe(now + 10 * MINUTE);
  });

  it("asks a router that gives a second at a time no more than twice a minute", () => {
    mapper.want(51413);
    answer((order) => ({ kind: "mapped", externalPort: order.externalPort, lifetime: 1000 }));
    answer((order) => ({ kind: "mapped", externalPort: order.externalPort, lifetime: 1000 }));
    expect(mapper.deadline).toBe(now + 30_000);
  });

  it("takes the outer port that the router gives, wants the same for UDP, and says so", () => {
    mapper.want(51413);
    answer((order) => ({ kind: "mapped", externalPort: 60_000, lifetime: order.lifetime }));
    expect(answer(grant)).toMatchObject({ protocol: "udp", internalPort: 51413, externalPort: 60_000 });
    expect(mapper.external).toEqual({ tcp: 60_000, udp: 60_000, address: "203.0.113.9" });
    expect(mapper.view().words).toBe("Port 51413 is open through the router (PCP), seen outside as port 60000.");
  });

  it("tries other outer ports where one is taken, and gives up after four", () => {
    mapper.want(51413);
    passToUpnp();
    expect(answer(taken).externalPort).toBe(51413);
    const others = [answer(taken), answer(taken), answer(taken)].map(({ externalPort }) => externalPort);
    for (const port of others) expect(port).toBeGreaterThanOrEqual(49_152);
    expect(new Set(others).size).toBe(3);
    const last = answer(grant);
    expect(mapper.external.tcp).toBe(last.externalPort);

    mapper.want(2000);
    answer(unmapped);
    passToUpnp();
    for (let i = 0; i < 5; i++) answer(taken);
    expect(mapper.poll(now)).toBeUndefined();
    expect(mapper.view()).toEqual({
      state: "closed",
      words: "The router refused to open port 2000: the port is taken (UPnP).",
    });
  });

  it("asks for good where there are no leases, once, and looks every hour whether the port is open still", () => {
    mapper.want(51413);
    passToUpnp();
    expect(answer(noLease).lifetime).toBe(60 * MINUTE);
    expect(answer(grant).lifetime).toBe(Number.POSITIVE_INFINITY);
    expect(answer(grant)).toMatchObject({ protocol: "udp", lifetime: Number.POSITIVE_INFINITY });
    expect(mapper.deadline).toBe(now + 60 * MINUTE);

    mapper.want(2000);
    answer(unmapped);
    answer(unmapped);
    passToUpnp();
    answer(noLease);
    answer(noLease);
    expect(mapper.view().state).toBe("closed");
  });

  it("says that nobody answered, and asks again after ten minutes", () => {
    mapper.want(51413);
    passToUpnp();
    answer(silent);
    expect(mapper.view()).toEqual({ state: "closed", words: "Port 51413 was not opened: no router answered." });
    expect(mapper.poll(now)).toBeUndefined();
    expect(mapper.deadline).toBe(now + 10 * MINUTE);
    now += 10 * MINUTE;
    expect(answer(grant)).toMatchObject({ method: "pcp", protocol: "tcp" });
    answer(grant);
    expect(mapper.view().state).toBe("open");
  });

  it("says a refusal rather than the silence of the other methods", () => {
    mapper.want(51413);
    answer(silent);
    answer(refused);
    answer(silent);
    expect(mapper.view().words).toBe("The router refused to open port 51413: it is not allowed to (NAT-PMP).");
  });

  it("keeps TCP open where UDP is refused, says so, and asks for UDP again later", () => {
    mapper.want(51413);
    answer(grant);
    answer(refused);
    expect(mapper.external).toEqual({ tcp: 51413, address: "203.0.113.9" });
    expect(mapper.view().words).toBe(
      "Port 51413 is open through the router (PCP), for TCP only; for the other the router refused: it is not allowed to.",
    );
    expect(mapper.deadline).toBe(now + 10 * MINUTE);
    now += 10 * MINUTE;
    expect(answer(grant)).toMatchObject({ protocol: "udp", method: "pcp" });
    expect(mapper.view().words).toBe("Port 51413 is open through the router (PCP).");
  });

  it("notices a second router by the private address of the first", () => {
    mapper.want(51413);
    answer((order) => grant(order, "100.64.3.2"));
    answer((order) => grant(order, "100.64.3.2"));
    expect(mapper.view().words).toMatch(
      /^Port 51413 is open .*\. But the router's own address, 100\.64\.3\.2, is a pri/,
    );
  });

  it("begins anew with the first method when a renewal fails", () => {
    open(51413);
    now += 30 * MINUTE;
    answer(silent);
    expect(mapper.view().state).toBe("asking");
    answer(silent);
    expect(answer(grant)).toMatchObject({ method: "nat-pmp", protocol: "tcp" });
    expect(answer(grant)).toMatchObject({ method: "nat-pmp", protocol: "udp" });
    expect(mapper.view().state).toBe("open");
  });

  it("unmaps the old port before it maps another", () => {
    open(51413);
    mapper.want(2000);
    expect(mapper.external).toEqual({});
    expect(answer(unmapped)).toMatchObject({
      kind: "unmap",
      protocol: "tcp",
      internalPort: 51413,
      externalPort: 51413,
    });
    expect(answer(refused)).toMatchObject({ kind: "unmap", protocol: "udp", internalPort: 51413 });
    expect(answer(grant)).toMatchObject({ kind: "map", protocol: "tcp", internalPort: 2000 });
  });

  it("unmaps also what was granted after nobody wanted it any more", () => {
    mapper.want(51413);
    const order = mapper.poll(now) as MappingOrder;
    mapper.want(undefined);
    expect(mapper.isIdle).toBe(false);
    mapper.answered(order.id, grant(order), now);
    expect(mapper.isIdle).toBe(false);
    expect(answer(unmapped)).toMatchObject({ kind: "unmap", protocol: "tcp" });
    expect(mapper.isIdle).toBe(true);
    expect(mapper.view().state).toBe("off");
  });

  it("passes over answers to orders that are not under way", () => {
    mapper.want(51413);
    const order = mapper.poll(now) as MappingOrder;
    mapper.answered(order.id + 1, grant(order), now);
    expect(mapper.external).toEqual({});
    mapper.answered(order.id, silent, now);
    mapper.answered(order.id, grant(order), now);
    expect(mapper.external).toEqual({});
  });
});
