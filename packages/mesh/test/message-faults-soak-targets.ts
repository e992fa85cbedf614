/** What networks, relays, disks and calendars do to messages, with many seeds: of what `npm test` samples one. */
import { messageFaults } from "./sim/message-faults.ts";
import { ofEachSeed, type SoakTarget } from "./soak-target.ts";

export const soakTargets: readonly SoakTarget[] = messageFaults.map(({ name, run }) => ({
  name: `mesh messages: ${name}`,
  ...{ inputs: 20, unit: "runs" },
  run: (inputs, seed) => ofEachSeed(inputs, seed, (one) => run(one, "full")),
}));
