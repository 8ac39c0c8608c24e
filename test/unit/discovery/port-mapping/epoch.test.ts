import { expect, test } from "vitest";
import { announcedEpoch } from "../../../../core/discovery/port-mapping/announcement.ts";
import { Epoch } from "../../../../core/discovery/port-mapping/epoch.ts";

test.each([
  ["goes along with our clock", 500, 100, false],
  ["is a little slow", 495, 100, false],
  ["was overtaken by a later answer", 499, 0, false],
  ["begins anew", 3, 100, true],
  ["goes back", 300, 100, true],
  ["is far behind", 430, 100, true],
  ["leaps ahead", 900, 100, true],
])("a router whose age %s", (_, told, after, isNew) => {
  const epoch = new Epoch();
  expect(epoch.heard(isNew || after > 0 ? 400 : 500, 0)).toBe(false);
  expect(epoch.heard(told, 1000 * after)).toBe(isNew);
});

test("what a router announces is its age alone", () => {
  const natPmp = Buffer.from("0080000000000007cb007109", "hex");
  const pcp = Buffer.concat([Buffer.from("028000000000000000000007", "hex"), Buffer.alloc(12)]);
  expect(announcedEpoch(natPmp)).toBe(7);
  expect(announcedEpoch(pcp)).toBe(7);
  for (const datagram of [
    natPmp.subarray(1),
    pcp.subarray(0, 23),
    Buffer.alloc(0),
    Buffer.concat([pcp, Buffer.alloc(2000)]),
  ]) {
    expect(announcedEpoch(datagram)).toBeUndefined();
  }
  const failed = Buffer.from(pcp);
  failed[3] = 1;
  expect(announcedEpoch(failed)).toBeUndefined();
});
