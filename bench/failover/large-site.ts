/** The faults of a small machine on a large one: as many uplinks as a lab has, and a crowd of rules and flows. */
import { mostUplinks } from "@ropewalk/lab/topology";
import { blackholeGap } from "./blackhole-gap.ts";
import { carrierLoss } from "./carrier-loss.ts";
import { crowd, crowded } from "./crowded-driver.ts";
import { under } from "./failover-table.ts";
import { hostileNeighbour } from "./hostile-neighbour.ts";
import type { Part } from "./plan.ts";

const meaning = `Large site: ${mostUplinks} uplinks, ${crowd.rules} foreign rules and ${crowd.flows} tracked flows.`;

export const largeSite: Part = async (plan, findings) => {
  const large = { ...plan, uplinks: mostUplinks, driver: crowded(plan.driver), roundTripsMs: [0] };
  findings.note(meaning);
  for (const part of [carrierLoss, blackholeGap, hostileNeighbour]) await part(large, under("large site", findings));
};
