/** What a part of the bench is asked to do with one driver. */
import type { Driver } from "./driver.ts";
import type { FailoverTable } from "./failover-table.ts";

export interface PartPlan {
  readonly driver: Driver;
  readonly trials: number;
  readonly roundTripsMs: readonly number[];
  readonly minutes: number;
}

export type Part = (plan: PartPlan, table: FailoverTable) => Promise<void>;
