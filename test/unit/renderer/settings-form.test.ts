import { describe, expect, it } from "vitest";
import { validateToEngine } from "../../../core/contract/messages.ts";
import type { Settings } from "../../../core/contract/views.ts";
import { changeOf, ENCRYPTION_CHOICES, formOf, TRANSPORT_CHOICES } from "../../../renderer/format/settings-form.ts";
import { say } from "../../../renderer/words/say.ts";

const settings: Settings = {
  downloadFolder: "/downloads",
  listenPort: 0,
  downLimit: 512 * 1024,
  upLimit: 1000,
  limitLocalPeers: true,
  dht: true,
  pex: true,
  lsd: true,
  portMapping: true,
  ipFilter: "",
  proxy: "",
  maxConnections: 500,
  maxConnectionsPerTorrent: 100,
  maxHalfOpen: 50,
  unchokeSlots: 8,
  transport: "both",
  encryptionIncoming: "allow",
  encryptionOutgoing: "allow",
};

describe("the settings form", () => {
  it("shows rates in KiB/s", () => {
    expect(formOf(settings)).toMatchObject({ downLimit: "512", upLimit: "1", listenPort: "0" });
  });

  it("changes nothing when nothing was typed, not even what it rounded", () => {
    expect(changeOf(formOf(settings), settings)).toEqual({ kind: "change", change: {} });
  });

  it("sends only what was changed, in the engine's units, as the contract accepts it", () => {
    const judged = changeOf({ ...formOf(settings), upLimit: "20", downloadFolder: " /other " }, settings);
    expect(judged).toEqual({ kind: "change", change: { upLimit: 20 * 1024, downloadFolder: "/other" } });
    if (judged.kind !== "change") return;
    const message = { kind: "command", id: 1, command: { kind: "change-settings", settings: judged.change } };
    expect(validateToEngine(message)).toMatchObject({ ok: true });
  });

  it("takes no upload slots as as many as the rate carries, and the contract does", () => {
    const judged = changeOf({ ...formOf(settings), unchokeSlots: "0" }, settings);
    expect(judged).toEqual({ kind: "change", change: { unchokeSlots: 0 } });
    const message = { kind: "command", id: 1, command: { kind: "change-settings", settings: { unchokeSlots: 0 } } };
    expect(validateToEngine(message)).toMatchObject({ ok: true });
  });

  it("sends whether the limits hold in the local network, when that was changed", () => {
    const judged = changeOf({ ...formOf(settings), limitLocalPeers: false }, settings);
    expect(judged).toEqual({ kind: "change", change: { limitLocalPeers: false } });
  });

  it("sends what was switched, and nothing else", () => {
    const judged = changeOf({ ...formOf(settings), dht: false, lsd: false }, settings);
    expect(judged).toEqual({ kind: "change", change: { dht: false, lsd: false } });
  });

  it("sends whether the router is to be asked, when that was changed", () => {
    const judged = changeOf({ ...formOf(settings), portMapping: false }, settings);
    expect(judged).toEqual({ kind: "change", change: { portMapping: false } });
  });

  it("sends an encryption policy that was chosen, and only that one", () => {
    const judged = changeOf({ ...formOf(settings), encryptionOutgoing: "require" }, settings);
    expect(judged).toEqual({ kind: "change", change: { encryptionOutgoing: "require" } });
  });

  it("offers every encryption policy that the contract takes, each in its own words both ways", () => {
    const said = new Set<string>();
    for (const value of ENCRYPTION_CHOICES) {
      const change = { encryptionIncoming: value, encryptionOutgoing: value };
      const message = { kind: "command", id: 1, command: { kind: "change-settings", settings: change } };
      expect(validateToEngine(message)).toMatchObject({ ok: true });
      said.add(say.settings.policyNotes.encryptionIncoming[value]);
      said.add(say.settings.policyNotes.encryptionOutgoing[value]);
    }
    expect(ENCRYPTION_CHOICES).toEqual(["off", "allow", "prefer", "require"]);
    expect(said.size).toBe(8);
  });

  it("offers every transport that the contract takes, each in its own words, and sends what was chosen", () => {
    for (const value of TRANSPORT_CHOICES) {
      const message = { kind: "command", id: 1, command: { kind: "change-settings", settings: { transport: value } } };
      expect(validateToEngine(message)).toMatchObject({ ok: true });
      const judged = changeOf({ ...formOf({ ...settings, transport: "both" }), transport: value }, settings);
      expect(judged).toEqual({ kind: "change", change: value === settings.transport ? {} : { transport: value } });
    }
    expect([...TRANSPORT_CHOICES].sort()).toEqual(["both", "tcp", "utp"]);
    expect(new Set(TRANSPORT_CHOICES.map((value) => say.settings.transportNotes[value])).size).toBe(3);
  });

  it("names each field that is wrong", () => {
    const judged = changeOf(
      { ...formOf(settings), listenPort: "70000", unchokeSlots: "1001", maxHalfOpen: "x", downloadFolder: " " },
      settings,
    );
    expect(judged.kind === "faults" && Object.keys(judged.faults).sort()).toEqual([
      "downloadFolder",
      "listenPort",
      "maxHalfOpen",
      "unchokeSlots",
    ]);
  });
});
