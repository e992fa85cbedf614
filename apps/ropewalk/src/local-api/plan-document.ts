/** Puts the backhaul's plan into the words of the API's contract. */
import { type PlanDocument, type PlanStepDocument, planSchemaNumber } from "@ropewalk/api/plan";
import { isMovingTraffic, type SteeringDocument } from "@ropewalk/api/steering";
import { commandOf, settingCommand } from "@ropewalk/backhaul/pure/steering/plan-text";
import type { SteeringPlan } from "@ropewalk/backhaul/pure/steering/steering-plan";
import type { BackhaulStatus } from "@ropewalk/backhaul/status";
import type { RoutingChange } from "@ropewalk/host/routing";

const kinds: Readonly<Record<RoutingChange["kind"], Omit<PlanStepDocument, "command">>> = {
  "add-route": { action: "add", of: "route" },
  "replace-route": { action: "replace", of: "route" },
  "remove-route": { action: "remove", of: "route" },
  "add-rule": { action: "add", of: "rule" },
  "remove-rule": { action: "remove", of: "rule" },
};

/** All must be of one moment; `at` is that moment, ISO 8601. */
export function planDocument(
  { settings, changes }: SteeringPlan,
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
    steps: [
      ...settings.map((setting) => ({ action: "set", of: "setting", command: settingCommand(setting) }) as const),
      ...changes.map((change) => ({ ...kinds[change.kind], command: commandOf(change, nameOf) })),
    ],
  };
}
