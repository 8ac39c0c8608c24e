import { afterEach, describe, expect, it } from "vitest";
import { validateToEngine } from "../../../core/contract/messages.ts";
import type { Settings } from "../../../core/contract/views.ts";
import {
  ENCRYPTION_CHOICES,
  judgeNumber,
  judgeTyped,
  RATE_RANGE,
  TRANSPORT_CHOICES,
  type TypedSetting,
  typedText,
} from "../../../renderer/format/settings-form.ts";
import { say, speak } from "../../../renderer/words/say.ts";

const settings: Settings = {
  downloadFolder: "/downloads",
  listenPort: 0,
  downLimit: 512 * 1024,
  upLimit: 1000,
  alternativeLimits: false,
  alternativeDownLimit: 100 * 1024,
  alternativeUpLimit: 100 * 1024,
  limitLocalPeers: true,
  dht: true,
  pex: true,
  lsd: true,
  portMapping: true,
  ipFilter: "",
  blockedPorts: "",
  proxy: "socks5://user:***@proxy.example:1080",
  maxConnections: 500,
  maxConnectionsPerTorrent: 100,
  maxHalfOpen: 50,
  unchokeSlots: 8,
  transport: "both",
  encryptionIncoming: "allow",
  encryptionOutgoing: "allow",
};

const judged = (setting: TypedSetting, text: string) => judgeTyped(setting, text, settings);
const isTaken = (change: object) =>
  validateToEngine({ kind: "command", id: 1, command: { kind: "change-settings", settings: change } }).ok;

afterEach(() => speak("en"));

describe("a typed setting", () => {
  it("is shown in KiB/s where it is a rate", () => {
    expect(typedText("downLimit", settings)).toBe("512");
    expect(typedText("upLimit", settings)).toBe("1");
    expect(typedText("listenPort", settings)).toBe("0");
  });

  it("changes nothing when it is as it was, not even what it rounded", () => {
    for (const setting of ["upLimit", "downloadFolder", "proxy", "ipFilter"] as const) {
      expect(judged(setting, typedText(setting, settings))).toEqual({ kind: "value", value: {} });
    }
  });

  it("changes itself alone, in the engine's units, as the contract takes it", () => {
    const changes = [
      judged("upLimit", "20"),
      judged("alternativeUpLimit", " 7 "),
      judged("downloadFolder", " /other "),
      judged("unchokeSlots", "0"),
      judged("proxy", ""),
      judged("ipFilter", "/lists/bad.p2p"),
    ];
    expect(changes).toEqual(
      [
        { upLimit: 20 * 1024 },
        { alternativeUpLimit: 7 * 1024 },
        { downloadFolder: "/other" },
        { unchokeSlots: 0 },
        { proxy: "" },
        { ipFilter: "/lists/bad.p2p" },
      ].map((value) => ({ kind: "value", value })),
    );
    for (const change of changes) expect(change.kind === "value" && isTaken(change.value)).toBe(true);
  });

  it.each<[TypedSetting, string, RegExp]>([
    ["listenPort", "70000", /0 to 65,535/],
    ["maxHalfOpen", "x", /1 to 1,000/],
    ["maxConnections", "0", /1 to 10,000/],
    ["upLimit", "1.5", /whole number/],
    ["upLimit", "", /whole number/],
    ["downloadFolder", " ", /folder/],
    ["proxy", "ftp://x", /Not a proxy/],
  ])("%s as %j is refused with what it may be", (setting, text, words) => {
    expect(judged(setting, text)).toEqual({ kind: "fault", words: expect.stringMatching(words) });
  });

  it("is refused in the language that is spoken", () => {
    speak("de");
    expect(judgeNumber("x", RATE_RANGE)).toMatchObject({ words: "Eine ganze Zahl von 0 bis 1.073.741.824." });
  });
});

describe("a chosen setting", () => {
  it("offers every encryption policy that the contract takes, each in its own words both ways", () => {
    const { encryptionIncoming, encryptionOutgoing } = say.settings.policyNotes;
    const said = ENCRYPTION_CHOICES.flatMap((value) => [encryptionIncoming[value], encryptionOutgoing[value]]);
    expect(new Set(said).size).toBe(8);
    for (const value of ENCRYPTION_CHOICES) expect(isTaken({ encryptionIncoming: value })).toBe(true);
    expect(ENCRYPTION_CHOICES).toEqual(["off", "allow", "prefer", "require"]);
  });

  it("offers every transport that the contract takes, each in its own words", () => {
    for (const value of TRANSPORT_CHOICES) expect(isTaken({ transport: value })).toBe(true);
    expect([...TRANSPORT_CHOICES].sort()).toEqual(["both", "tcp", "utp"]);
    expect(new Set(TRANSPORT_CHOICES.map((value) => say.settings.transportNotes[value])).size).toBe(3);
  });
});
