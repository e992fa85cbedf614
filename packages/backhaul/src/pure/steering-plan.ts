/**
 * What it would take for the kernel to send traffic as was decided: the difference between what is planned and what there is, in
 * the order in which it would be done.
 */
import type { RuleFacts } from "@ropewalk/host/facts";
import type { RoutingChange } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import type { Setting, WantedSetting } from "@ropewalk/host/settings";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { SlottedUplink } from "./connectivity.ts";
import { type PlannedPath, planRouting } from "./plan.ts";
import { type PlannedLink, planSettings } from "./plan-settings.ts";
import { plannedPaths } from "./planned-paths.ts";
import type { BackhaulState } from "./state.ts";

export interface SteeringPlan {
  readonly settings: readonly WantedSetting[];
  readonly changes: readonly RoutingChange[];
}

const noPlan: SteeringPlan = { settings: [], changes: [] };

/** `rules` are everybody's; `changed` are the settings that are as they are because we made them so. */
export function steeringPlan(
  { network, seen, picture }: BackhaulState,
  rules: readonly RuleFacts[],
  changed: readonly Setting[],
): SteeringPlan {
  if (network === undefined) return noPlan;
  const slots = new Map(seen.uplinks.map(({ status, slot }) => [status.id, slot]));
  const uplinks = picture.uplinks.flatMap((status): readonly SlottedUplink[] => {
    const slot = slots.get(status.id);
    return slot === undefined ? [] : [{ status, slot }];
  });
  const paths = plannedPaths(uplinks, picture.decisions);
  const present = { routes: network.routes, rules };
  return {
    settings: planSettings(linksOf(uplinks, paths), network, changed),
    changes: changesTo(planRouting({ paths, present }), present),
  };
}

function linksOf(uplinks: readonly SlottedUplink[], paths: readonly PlannedPath[]): readonly PlannedLink[] {
  return uplinks.flatMap(({ status: { ifindex, name } }): readonly PlannedLink[] => {
    const has = (family: Family) => paths.some((path) => path.ifindex === ifindex && path.family === family);
    const own = new Set(families.filter(has));
    return own.size === 0 ? [] : [{ ifindex, name, families: own }];
  });
}
