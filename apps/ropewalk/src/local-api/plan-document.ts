/** Puts the backhaul's plan into the words of the API's contract. */
import { type PlanDocument, planSchemaNumber } from "@ropewalk/api/plan";
import { isMovingTraffic, type SteeringDocument } from "@ropewalk/api/steering";
import { planSteps } from "@ropewalk/backhaul/pure/steering/plan-steps";
import type { SteeringPlan } from "@ropewalk/backhaul/pure/steering/steering-plan";
import type { BackhaulStatus } from "@ropewalk/backhaul/status";

/** All must be of one moment; `at` is that moment, ISO 8601. */
export function planDocument(
  plan: SteeringPlan,
  status: BackhaulStatus,
  steering: SteeringDocument,
  at: string,
): PlanDocument {
  const nameOf = (ifindex: number) =>
    status.uplinks.find((uplink) => uplink.ifindex === ifindex)?.name ?? `if${ifindex}`;
  return {
    schema: planSchemaNumber,
    at,
    monitorOnly: !isMovingTraffic(steering),
    steps: planSteps(plan, nameOf),
  };
}
