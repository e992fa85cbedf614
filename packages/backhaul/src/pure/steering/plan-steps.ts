/** A plan as its steps, in the order in which they would be done: what each is of, and the command that does the same. */
import type { RoutingChange } from "@ropewalk/host/routing";
import {
  addressCommand,
  commandOf,
  fileCommand,
  leaseCommand,
  linkCommands,
  marksCommand,
  settingCommand,
} from "./plan-text.ts";
import type { SteeringPlan } from "./steering-plan.ts";

export interface PlanStep {
  readonly action: "add" | "replace" | "remove" | "set";
  readonly of: "route" | "rule" | "setting" | "resolvers" | "address" | "marks" | "lease";
  readonly command: string;
}

const changeKinds: Readonly<Record<RoutingChange["kind"], Pick<PlanStep, "action" | "of">>> = {
  "add-route": { action: "add", of: "route" },
  "replace-route": { action: "replace", of: "route" },
  "remove-route": { action: "remove", of: "route" },
  "add-rule": { action: "add", of: "rule" },
  "remove-rule": { action: "remove", of: "rule" },
};

/** `nameOf` gives an interface's name now. */
export function planSteps(
  { leases, settings, names, changes, deprecated, marks }: SteeringPlan,
  nameOf: (ifindex: number) => string,
): readonly PlanStep[] {
  const setting = (of: PlanStep["of"]) => (command: string) => ({ action: "set", of, command }) as const;
  return [
    ...leases.map((link) => ({ action: "add", of: "lease", command: leaseCommand(link) }) as const),
    ...settings.map(settingCommand).map(setting("setting")),
    ...(names.file === undefined ? [] : [fileCommand(names.file)]).map(setting("resolvers")),
    ...names.orders.flatMap(linkCommands).map(setting("resolvers")),
    ...changes.map((change) => ({ ...changeKinds[change.kind], command: commandOf(change, nameOf) })),
    ...deprecated.map((address) => addressCommand(address, nameOf)).map(setting("address")),
    ...(marks === undefined ? [] : [marksCommand(marks)]).map(setting("marks")),
  ];
}
