import { expect, test } from "vitest";
import { makeContent } from "./support/content.ts";
import { KIB } from "./support/measures.ts";
import { World } from "./support/world.ts";

test("web seeds that are not asked yet are told, not ignored", () => {
  const content = makeContent([100 * KIB], 16 * KIB);
  const webSeeds = ["http://web.test/a", "http://web.test/b"];
  const torrent = new World(1).machine().share({ ...content, metainfo: { ...content.metainfo, webSeeds } });
  expect(torrent.log.since(0).map(({ text }) => text)).toContain("It names 2 web seeds; none is asked yet.");
});
