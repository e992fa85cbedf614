/** Replicas of entry that are killed at every point of every request. */
import { describeError } from "@ropewalk/kernel/errors";
import { DeathWalk } from "./death-walk.ts";

export const soakTargets = [
  {
    name: "vpn control: a replica is killed at every point",
    ...{ inputs: 1, unit: "rounds" },
    async run(inputs: number, _: number, report: (line: string) => void): Promise<readonly string[]> {
      await using walk = await DeathWalk.open();
      for (let round = 0; round < inputs; round += 1)
        for (const what of ["start", "end", "move"] as const)
          try {
            const died = await walk[what]({ first: 1, step: 1 });
            report(`${what}: killed at ${died.join(", ")}`);
          } catch (error) {
            return [`${what}: ${describeError(error)}`];
          }
      return [];
    },
  },
];
