/** What a part of the bench is asked to do with one driver. */
import type { Driver } from "./driver.ts";
import type { Findings } from "./failover-table.ts";

export interface PartPlan {
  readonly driver: Driver;
  readonly trials: number;
  readonly roundTripsMs: readonly number[];
  readonly minutes: number;
  /** How many the lab has. */
  readonly uplinks: number;
}

export type Part = (plan: PartPlan, findings: Findings) => Promise<void>;
