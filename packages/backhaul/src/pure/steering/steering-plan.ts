/**
 * What it would take for the kernel to send traffic as was decided: first all that is wanted, then the difference between that and
 * what there is, in the order in which it would be done.
 */
import type { OwnAddress } from "@ropewalk/host/address-lifetimes";
import type { NetworkFacts, RuleFacts } from "@ropewalk/host/facts";
import type { RoutingChange, WantedRouting } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import type { Setting, SettingFiles, WantedSetting } from "@ropewalk/host/settings";
import { type Family, families, type IpAddress } from "@ropewalk/kernel/addresses";
import type { SlottedUplink } from "../connectivity.ts";
import { resolverPins } from "../resolver-plan.ts";
import type { BackhaulState } from "../state.ts";
import { deprecatedAddresses } from "./deprecated-addresses.ts";
import { type PlannedPath, planRouting } from "./plan.ts";
import { type PlannedLink, planSettings } from "./plan-settings.ts";
import { plannedPaths } from "./planned-paths.ts";

/** Everything of ours that the kernel should have. */
export interface SteeringWish {
  readonly settings: readonly WantedSetting[];
  readonly routing: WantedRouting;
  readonly deprecated: readonly OwnAddress[];
}

export interface SteeringPlan {
  readonly settings: readonly WantedSetting[];
  readonly changes: readonly RoutingChange[];
}

/** `rules` are everybody's; `changed` are the settings that are as they are because we made them so. */
export function steeringWish(
  { network, seen, picture, orders }: BackhaulState,
  rules: readonly RuleFacts[],
  changed: readonly Setting[],
): SteeringWish | undefined {
  if (network === undefined) return undefined;
  const uplinks = slottedUplinks({ seen, picture });
  const paths = plannedPaths(uplinks, picture.decisions, orders.drained);
  const shared = new Set(paths.filter(({ weight }) => weight !== undefined).map(({ family }) => family));
  return {
    settings: planSettings(linksOf(uplinks, paths), shared, network, changed),
    deprecated: deprecatedAddresses(uplinks, picture.decisions, network.addresses),
    routing: planRouting({
      paths,
      resolvers: ownResolvers(uplinks, network),
      present: { routes: network.routes, rules },
    }),
  };
}

/** What of the wish is not so yet. `readSetting` gives a setting as it is now; undefined when there is none. */
export function steeringPlan(
  state: BackhaulState,
  rules: readonly RuleFacts[],
  changed: readonly Setting[],
  readSetting: SettingFiles["read"],
): SteeringPlan {
  const wish = steeringWish(state, rules, changed);
  if (wish === undefined || state.network === undefined) return { settings: [], changes: [] };
  const isToBeMade = (setting: WantedSetting) => ![setting.value, undefined].includes(readSetting(setting));
  const changes = changesTo(wish.routing, { routes: state.network.routes, rules });
  return { settings: wish.settings.filter(isToBeMade), changes };
}

/** The uplinks of the picture that have a slot, and so a mark and a table. */
export function slottedUplinks({ seen, picture }: Pick<BackhaulState, "seen" | "picture">): readonly SlottedUplink[] {
  const slots = new Map(seen.uplinks.map(({ status, slot }) => [status.id, slot]));
  return picture.uplinks.flatMap((status): readonly SlottedUplink[] => {
    const slot = slots.get(status.id);
    return slot === undefined ? [] : [{ status, slot }];
  });
}

function ownResolvers(
  uplinks: readonly SlottedUplink[],
  { addresses }: NetworkFacts,
): ReadonlyMap<number, readonly IpAddress[]> {
  const pins = resolverPins(
    uplinks.map(({ status }) => status),
    addresses,
  );
  return new Map(pins.map(({ ifindex, servers }) => [ifindex, servers]));
}

function linksOf(uplinks: readonly SlottedUplink[], paths: readonly PlannedPath[]): readonly PlannedLink[] {
  return uplinks.flatMap(({ status: { ifindex, name } }): readonly PlannedLink[] => {
    const has = (family: Family) => paths.some((path) => path.ifindex === ifindex && path.family === family);
    const own = new Set(families.filter(has));
    return own.size === 0 ? [] : [{ ifindex, name, families: own }];
  });
}
