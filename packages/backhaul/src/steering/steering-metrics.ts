/** Whether Ropewalk has the wheel, and how much of what it wants is not so, as metrics. */
import type { Metrics } from "@ropewalk/ops/metrics";
import { isActing } from "../pure/steering/standing.ts";
import type { SteeringStatus } from "./steering-status.ts";

export function registerSteeringMetrics(metrics: Metrics, steering: { readonly status: SteeringStatus }): void {
  metrics.gauge({
    name: "ropewalk_backhaul_steering",
    help: "1 while Ropewalk moves traffic, else 0.",
    labels: [],
    collect: (set) => set({}, Number(isActing(steering.status.standing))),
  });
  metrics.gauge({
    name: "ropewalk_backhaul_steering_unmet",
    help: "Routes, rules, settings, marks and resolvers that are wanted and are not so.",
    labels: [],
    collect: (set) => set({}, steering.status.unmet.length),
  });
}
