/** What left an uplink with the address of another: the lab's ISPs drop it (BCP 38), so that nobody else would see it. */
import type { Lab } from "@ropewalk/lab/lab";
import { uplinkSubnets } from "@ropewalk/lab/topology";

/** A sentence for each uplink and source; of everything since the lab was made. */
export async function foreignSources(lab: Lab): Promise<readonly string[]> {
  const own = new Set<string>(lab.uplinks.flatMap(uplinkSubnets).map(({ member }) => member));
  const told = await Promise.all(
    lab.uplinks.map(async ({ name }) => {
      const { foreign } = await lab.counters(name);
      const anothers = foreign.filter(({ address }) => own.has(address));
      return anothers.map(({ address, packets }) => `${packets} packets from ${address} left by ${name}`);
    }),
  );
  return told.flat();
}
