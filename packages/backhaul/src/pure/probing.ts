/** How an uplink is probed, and what that costs it. */
import type { ProbingStatus } from "../status.ts";
import { bytesPerDay } from "./health/cost.ts";
import type { ProbeConfig } from "./health/health-config.ts";
import { measurablePaths, type SeenUplink } from "./seen.ts";

/** Null when none of its paths is probed. */
export function probingOf(seen: SeenUplink, probe: ProbeConfig): ProbingStatus | null {
  const paths = measurablePaths([seen]);
  if (paths.length === 0) return null;
  const costs = paths.map((path) => bytesPerDay(path, probe));
  return { profile: seen.profile, bytesPerDay: costs.reduce((sum, cost) => sum + cost, 0) };
}
