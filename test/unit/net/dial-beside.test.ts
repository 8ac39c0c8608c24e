import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Closing } from "../../../core/model/close-reason.ts";
import type { PeerLink } from "../../../core/peer/ports.ts";
import { dialBeside } from "../../../core/runtime/net/dial-beside.ts";
import type { StreamEvents } from "../../../core/runtime/net/tcp.ts";

const link = {} as PeerLink;

function fault(detail: string): Closing {
  return { reason: "connect-failed", by: "network", detail };
}

/** One way to dial, played by the test. */
class Way {
  events: StreamEvents | undefined;
  isGivenUp = false;

  readonly dial = (events: StreamEvents): (() => void) => {
    this.events = events;
    return () => {
      this.isGivenUp = true;
    };
  };
}

function scene() {
  const tcp = new Way();
  const utp = new Way();
  const told: unknown[] = [];
  const giveUp = dialBeside(tcp.dial, utp.dial, {
    connected: (_, transport) => told.push(transport),
    received: (chunk) => told.push([...chunk]),
    ended: ({ detail }) => told.push(detail),
  });
  return { tcp, utp, told, giveUp };
}

describe("dialling over TCP with uTP beside it", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("leaves uTP alone when TCP answers soon", () => {
    const { tcp, utp, told } = scene();
    tcp.events?.connected(link);
    vi.advanceTimersByTime(60_000);
    expect(utp.events).toBeUndefined();
    tcp.events?.received(Uint8Array.of(1));
    tcp.events?.ended(fault("over"));
    expect(told).toEqual(["tcp", [1], "over"]);
  });

  it("tries uTP at once when TCP is refused", () => {
    const { tcp, utp, told } = scene();
    tcp.events?.ended(fault("refused"));
    utp.events?.connected(link);
    utp.events?.ended(fault("over"));
    expect(told).toEqual(["utp", "over"]);
  });

  it("tries both when TCP does not answer soon, and gives up the slower", () => {
    const first = scene();
    vi.advanceTimersByTime(1_200);
    first.utp.events?.connected(link);
    expect([first.told, first.tcp.isGivenUp]).toEqual([["utp"], true]);
    const second = scene();
    vi.advanceTimersByTime(1_200);
    second.tcp.events?.connected(link);
    expect([second.told, second.utp.isGivenUp]).toEqual([["tcp"], true]);
  });

  it("fails when both have failed, in whichever order, and tells both causes", () => {
    const { tcp, utp, told } = scene();
    vi.advanceTimersByTime(1_200);
    utp.events?.ended(fault("no answer over uTP"));
    expect(told).toEqual([]);
    tcp.events?.ended(fault("timed out"));
    expect(told).toEqual(["no answer over uTP; timed out"]);
  });

  it("gives both up, and never begins what has not begun", () => {
    const early = scene();
    early.giveUp();
    vi.advanceTimersByTime(60_000);
    expect([early.tcp.isGivenUp, early.utp.events]).toEqual([true, undefined]);
    const late = scene();
    vi.advanceTimersByTime(1_200);
    late.giveUp();
    expect([late.tcp.isGivenUp, late.utp.isGivenUp]).toEqual([true, true]);
  });
});
