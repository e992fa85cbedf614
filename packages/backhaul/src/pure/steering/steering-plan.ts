/**
 * What it would take for the kernel to send traffic as was decided: first all that is wanted, then the difference between that and
 * what there is, in the order in which it would be done.
 */
import type { OwnAddress, StandingAddress } from "@ropewalk/host/address-lifetimes";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { NetworkFacts, RuleFacts } from "@ropewalk/host/facts";
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import type { GivenLink } from "@ropewalk/host/leases";
import type { RoutingChange, WantedRouting } from "@ropewalk/host/routing";
import { changesTo } from "@ropewalk/host/routing-difference";
import type { Setting, SettingFiles, WantedSetting } from "@ropewalk/host/settings";
import { type Family, families, type IpAddress } from "@ropewalk/kernel/addresses";
import type { SlottedUplink } from "../connectivity.ts";
import type { UplinkEntry } from "../entries.ts";
import { nothingPending, type PendingNames } from "../pending-names.ts";
import { planResolvers, type ResolverPlan, resolverPins } from "../resolver-plan.ts";
import { isInForce } from "../resolvers.ts";
import type { BackhaulState } from "../state.ts";
import { deprecatedAddresses } from "./deprecated-addresses.ts";
import { givenLinks } from "./given-links.ts";
import { type PlannedPath, planRouting } from "./plan.ts";
import { type PlannedLink, planSettings } from "./plan-settings.ts";
import { plannedPaths } from "./planned-paths.ts";

/** Everything of ours that the kernel should have. */
export interface SteeringWish {
  readonly settings: readonly WantedSetting[];
  readonly routing: WantedRouting;
  readonly deprecated: readonly OwnAddress[];
  /** Whose forwarded flows are marked, where the machine forwards. */
  readonly marked: readonly MarkedUplink[];
}

/** What is not as it should be. */
export interface SteeringPlan {
  /** The links for which a lease would be got. */
  readonly leases: readonly GivenLink[];
  readonly settings: readonly WantedSetting[];
  readonly names: PendingNames;
  readonly changes: readonly RoutingChange[];
  /** Those that are to be deprecated. */
  readonly deprecated: readonly StandingAddress[];
  /** What nft is to be told. */
  readonly marks: string | undefined;
}

const nothing: SteeringPlan = {
  ...{ leases: [], settings: [], names: nothingPending, changes: [], deprecated: [] },
  marks: undefined,
};

/** The machine as it is now; what is a function is read when it is asked. */
export interface PresentMachine {
  /** Everybody's. */
  readonly rules: readonly RuleFacts[];
  /** The settings that are as they are because we made them so. */
  readonly changed: readonly Setting[];
  /** What its owner wrote of uplinks. */
  readonly entries: readonly UplinkEntry[];
  /** Undefined when there is none. */
  readonly setting: SettingFiles["read"];
  /** Undefined when this host has no such address. */
  readonly address: (own: OwnAddress) => StandingAddress | undefined;
  readonly names: (plan: ResolverPlan) => PendingNames;
  /** What nft is to be told for flows to be marked by these; undefined when there is nothing to tell. */
  readonly marks: (uplinks: readonly MarkedUplink[]) => string | undefined;
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
    marked: markedUplinks(uplinks),
    routing: planRouting({
      paths,
      resolvers: ownResolvers(uplinks, network),
      present: { routes: network.routes, rules },
    }),
  };
}

/** What of the wish is not so yet. Throws what reading the machine throws. */
export function steeringPlan(state: BackhaulState, machine: PresentMachine): SteeringPlan {
  const { rules, changed, entries } = machine;
  const wish = steeringWish(state, rules, changed);
  if (wish === undefined || state.network === undefined) return nothing;
  const isToBeMade = (setting: WantedSetting) => ![setting.value, undefined].includes(machine.setting(setting));
  const { uplinks, decisions } = state.picture;
  const addresses = wish.deprecated.map(machine.address).filter((address) => address !== undefined);
  return {
    leases: givenLinks(state.network.links, entries).filter((link) => !isLeased(link, state)),
    settings: wish.settings.filter(isToBeMade),
    names: machine.names(planResolvers(uplinks, decisions)),
    changes: changesTo(wish.routing, { routes: state.network.routes, rules }),
    deprecated: addresses.filter(({ preferred }) => preferred !== 0),
    marks: machine.marks(wish.marked),
  };
}

function isLeased({ ifindex }: GivenLink, { resolvers, addresses }: BackhaulState): boolean {
  const lease = resolvers.get(ifindex)?.lease;
  return lease !== undefined && isInForce(lease, addresses.get(ifindex) ?? []) && lease.program === "udhcpc";
}

/** The uplinks of the picture that have a slot, and so a mark and a table. */
export function slottedUplinks({ seen, picture }: Pick<BackhaulState, "seen" | "picture">): readonly SlottedUplink[] {
  const slots = new Map(seen.uplinks.map(({ status, slot }) => [status.id, slot]));
  return picture.uplinks.flatMap((status): readonly SlottedUplink[] => {
    const slot = slots.get(status.id);
    return slot === undefined ? [] : [{ status, slot }];
  });
}

/** What of the uplinks' traffic nft is to know. */
function markedUplinks(uplinks: readonly SlottedUplink[]): readonly MarkedUplink[] {
  return uplinks.map(({ status, slot }) => ({
    interfaceName: status.name,
    mark: uplinkMark(slot),
    addresses: families.flatMap((family) => status[family].addresses.map(({ address }) => address)),
  }));
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
