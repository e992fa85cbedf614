/** Death right before and right after every single change of the kernel, of everything that the node does to it. */
import { CrashSites } from "./crash-site.ts";
import { type Deed, deeds, tryDeed } from "./crash-trials.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: "rounds";
  readonly run: (rounds: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

/** More changes than any deed takes. */
const endless = 200;

export const soakTargets: readonly SoakTarget[] = deeds.map((deed) => ({
  name: `crash ${deed.name}`,
  inputs: 1,
  unit: "rounds",
  run: async (rounds, _seed, report) => {
    const faults: string[] = [];
    for (let round = 0; round < rounds; round += 1) faults.push(...(await everyDeath(deed, report)));
    return faults;
  },
}));

/** Up to the first fate that it survives, because there are no more changes. */
async function everyDeath(deed: Deed, report: (line: string) => void): Promise<readonly string[]> {
  const faults: string[] = [];
  await using sites = new CrashSites();
  for (let number = 1; number <= endless; number += 1) {
    let deaths = 0;
    for (const moment of ["before", "after"] as const) {
      const what = `${deed.name}, ${moment} change ${number}`;
      try {
        const trial = await sites.use((site) => tryDeed(site, deed, `${moment} ${number}`));
        deaths += Number(trial.hasDied);
        report(`${what}: ${trial.changes.at(-1) ?? "none"}, ${trial.hasDied ? "died" : "lived"}`);
        faults.push(...trial.faults.map((fault) => `${what}: ${fault}`));
      } catch (error) {
        faults.push(`${what}: ${error}`);
      }
    }
    if (deaths === 0) return faults;
  }
  return [...faults, `${deed.name}: no end after ${endless} changes`];
}
