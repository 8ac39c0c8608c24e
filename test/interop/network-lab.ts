import { PrivateNetwork } from "../setup/private-network.ts";
import type { RunningClient } from "./clients/client.ts";
import { test as base } from "./lab.ts";

/** `test` with a network for it alone, and programs in that network that end with the test. */
export const test = base.extend<{
  network: PrivateNetwork;
  run: <T extends Pick<RunningClient, "stop">>(starting: Promise<T>) => Promise<T>;
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures this one needs.
  network: async ({}, use) => {
    const network = await PrivateNetwork.open();
    await use(network);
    await network.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  run: async ({}, use) => {
    const running: Pick<RunningClient, "stop">[] = [];
    await use(async (starting) => {
      const started = await starting;
      running.push(started);
      return started;
    });
    await Promise.all(running.map((program) => program.stop()));
  },
});
