/** Replicas of entry that are killed at every point of every request; and a long history of whatever may be asked, while everything fails that may. */
import { describeError } from "@ropewalk/kernel/errors";
import { DeathWalk } from "./death-walk.ts";
import { historyMutants } from "./history/history-mutants.ts";
import { HistoryRun } from "./history/history-run.ts";
import { missed } from "./history/mutant-run.ts";

const epoch = 10_000;

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
  {
    name: "vpn control: history",
    ...{ inputs: 1_000_000, unit: "requests" },
    async run(inputs: number, seed: number, report: (line: string) => void): Promise<readonly string[]> {
      await using run = await HistoryRun.open({ seed, customers: 200, replicas: 3, atOnce: 64, share: 1 / 150 });
      const began = performance.now();
      let [requests, connects] = [0, 0];
      while (requests < inputs) {
        const passed = await run.epoch(Math.min(epoch, inputs - requests));
        [requests, connects] = [requests + passed.requests, connects + passed.connects];
        const rate = Math.round((requests / (performance.now() - began)) * 1_000);
        report(`${requests} requests, ${rate} a second, ${connects} connects`);
        if (passed.faults.length > 0) return passed.faults.slice(0, 20);
      }
      report([...run.misfortunes].map(([what, times]) => `${what}: ${times}`).join(", "));
      return [];
    },
  },
  {
    name: "vpn control: histories of products that lack a defence",
    ...{ inputs: 1, unit: "histories of each" },
    async run(inputs: number, seed: number, report: (line: string) => void): Promise<readonly string[]> {
      const faults: string[] = [];
      for (let round = 0; round < inputs; round += 1)
        for (const mutant of historyMutants) {
          const fault = await missed(mutant, seed + round);
          report(`${mutant.name}: ${fault === undefined ? "found" : "missed"}`);
          if (fault !== undefined) faults.push(`seed ${seed + round}: ${mutant.name}: ${fault}`);
        }
      return faults;
    },
  },
];
